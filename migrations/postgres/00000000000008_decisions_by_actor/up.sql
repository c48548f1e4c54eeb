-- A steward's own latest decisions, to undo them, without reading everybody's.
CREATE INDEX decision_actor ON decision (actor, id);
