-- Of each line the first rejection is kept.
ALTER TABLE rejection RENAME TO rejection_before;
CREATE TABLE rejection (
    job BLOB NOT NULL,
    line INTEGER NOT NULL,
    problems TEXT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (job, line),
    FOREIGN KEY (job) REFERENCES job (id)
) STRICT;
INSERT OR IGNORE INTO rejection SELECT job, line, problems, raw FROM rejection_before ORDER BY job, line, ordinal;
DROP TABLE rejection_before;
