-- Whom each principal has been shown today, for quotas on different people that hold over nodes and restarts.
CREATE TABLE person_seen (
    day INTEGER NOT NULL,
    node TEXT NOT NULL,
    number INTEGER NOT NULL,
    principal TEXT NOT NULL,
    persons BLOB NOT NULL,
    PRIMARY KEY (day, node, number)
) STRICT, WITHOUT ROWID;
