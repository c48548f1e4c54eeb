-- What a principal may reach beyond its roles, a second factor, purposes of use, and what was read today.

ALTER TABLE principal ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE principal ADD COLUMN totp_secret TEXT;
ALTER TABLE principal ADD COLUMN totp_step INTEGER;

-- The purposes of use that a department may state; department * means every department.
CREATE TABLE purpose (
    department TEXT NOT NULL,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (department, code)
) STRICT, WITHOUT ROWID;
INSERT INTO purpose (department, code, title, created_at, actor) VALUES
    ('*', 'data-stewardship', '数据治理 data stewardship', 0, 'jiku'),
    ('*', 'public-service', '公共服务 public service', 0, 'jiku'),
    ('*', 'inspection', '监督检查 inspection', 0, 'jiku');

-- How much each principal read on a day through each node: what quotas count.
CREATE TABLE read_usage (
    day INTEGER NOT NULL,
    principal TEXT NOT NULL,
    node TEXT NOT NULL,
    department TEXT NOT NULL,
    requests INTEGER NOT NULL,
    entities INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    locked_until INTEGER,
    PRIMARY KEY (day, principal, node)
) STRICT, WITHOUT ROWID;

-- Who was merged into an entity, for the report on a person.
CREATE INDEX entity_redirect ON entity (redirect) WHERE redirect IS NOT NULL;
