DROP INDEX decision_actor;
