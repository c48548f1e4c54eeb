-- What a principal may reach beyond its roles, a second factor, purposes of use, and what was read today.

ALTER TABLE principal ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE principal ADD COLUMN totp_secret TEXT;
ALTER TABLE principal ADD COLUMN totp_step BIGINT;
COMMENT ON COLUMN principal.limits IS 'divisions, kinds, classes of fields and quotas, a JSON object; an empty one limits nothing';
COMMENT ON COLUMN principal.totp_secret IS 'the shared secret of the second factor (RFC 6238), base32; none without one';
COMMENT ON COLUMN principal.totp_step IS 'the last time step whose code was used; none before the first';

-- The purposes of use that a department may state; department * means every department.
CREATE TABLE purpose (
    department TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (department, code)
);
INSERT INTO purpose (department, code, title, created_at, actor) VALUES
    ('*', 'data-stewardship', '数据治理 data stewardship', 'epoch', 'jiku'),
    ('*', 'public-service', '公共服务 public service', 'epoch', 'jiku'),
    ('*', 'inspection', '监督检查 inspection', 'epoch', 'jiku');
COMMENT ON TABLE purpose IS 'The purposes of use that a department may state';
COMMENT ON COLUMN purpose.department IS 'the department; * is every department';
COMMENT ON COLUMN purpose.code IS 'the word in Purpose-Of-Use and in the access log';
COMMENT ON COLUMN purpose.title IS 'what people read';
COMMENT ON COLUMN purpose.created_at IS 'when it was registered';
COMMENT ON COLUMN purpose.actor IS 'who registered it';

-- How much each principal read on a day through each node: what quotas count.
CREATE TABLE read_usage (
    day BIGINT NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    requests BIGINT NOT NULL,
    entities BIGINT NOT NULL,
    persons BIGINT NOT NULL,
    locked_until TIMESTAMPTZ,
    PRIMARY KEY (day, principal, node)
);
COMMENT ON TABLE read_usage IS 'How much each principal read on a day through each node: what quotas count';
COMMENT ON COLUMN read_usage.day IS 'days since 1970-01-01, UTC+8';
COMMENT ON COLUMN read_usage.principal IS 'who read';
COMMENT ON COLUMN read_usage.node IS 'the run of the service that counted';
COMMENT ON COLUMN read_usage.department IS 'for which department';
COMMENT ON COLUMN read_usage.requests IS 'questions asked';
COMMENT ON COLUMN read_usage.entities IS 'entities shown, each time counted';
COMMENT ON COLUMN read_usage.persons IS 'different people shown';
COMMENT ON COLUMN read_usage.locked_until IS 'until when it is kept out, for guessing ids';

-- Who was merged into an entity, for the report on a person.
CREATE INDEX entity_redirect ON entity (redirect) WHERE redirect IS NOT NULL;
