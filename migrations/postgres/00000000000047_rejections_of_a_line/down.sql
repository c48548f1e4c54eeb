-- Of each line the first rejection is kept.
DELETE FROM rejection USING rejection AS earlier
    WHERE earlier.job = rejection.job AND earlier.line = rejection.line AND earlier.ordinal < rejection.ordinal;
ALTER TABLE rejection DROP CONSTRAINT rejection_pkey;
ALTER TABLE rejection DROP COLUMN ordinal;
ALTER TABLE rejection ADD PRIMARY KEY (job, line);
