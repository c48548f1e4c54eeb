-- A file may hold all its rows on one line: rejections of one line are told apart by their number among the rows.
ALTER TABLE rejection RENAME TO rejection_before;
CREATE TABLE rejection (
    job BLOB NOT NULL,
    line INTEGER NOT NULL,
    problems TEXT NOT NULL,
    raw TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (job, line, ordinal),
    FOREIGN KEY (job) REFERENCES job (id)
) STRICT;
INSERT INTO rejection SELECT job, line, problems, raw, 0 FROM rejection_before;
DROP TABLE rejection_before;
