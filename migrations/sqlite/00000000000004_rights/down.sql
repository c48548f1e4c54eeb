DROP INDEX entity_redirect;
DROP TABLE read_usage;
DROP TABLE purpose;
ALTER TABLE principal DROP COLUMN totp_step;
ALTER TABLE principal DROP COLUMN totp_secret;
ALTER TABLE principal DROP COLUMN limits;
