-- Whom each principal has been shown today, for quotas on different people that hold over nodes and restarts.
CREATE TABLE person_seen (
    day BIGINT NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    persons BYTEA NOT NULL,
    PRIMARY KEY (day, node, number)
);
COMMENT ON TABLE person_seen IS 'Whom each principal was shown first on a day through each node: what quotas on different people count';
COMMENT ON COLUMN person_seen.day IS 'days since 1970-01-01, UTC+8';
COMMENT ON COLUMN person_seen.node IS 'the run of the service that showed them';
COMMENT ON COLUMN person_seen.number IS 'in the order in which the node wrote them';
COMMENT ON COLUMN person_seen.principal IS 'who read';
COMMENT ON COLUMN person_seen.persons IS 'the last eight bytes of each canonical id, one after the other';
