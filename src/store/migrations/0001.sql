-- One dialect for SQLite and PostgreSQL: times are epoch milliseconds, no booleans, no REAL (four bytes in PostgreSQL), no autoincrement.
-- BLOB is written BYTEA for PostgreSQL. Statements end with a semicolon at the end of a line.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE node (
    node TEXT PRIMARY KEY, host TEXT NOT NULL, version TEXT NOT NULL, config TEXT NOT NULL,
    started_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL);

CREATE TABLE report_cursor (
    report TEXT PRIMARY KEY, known_since BIGINT NOT NULL, planned_until BIGINT NOT NULL, schedule TEXT NOT NULL);

CREATE TABLE run (
    run TEXT PRIMARY KEY, report TEXT NOT NULL, kind TEXT NOT NULL, slot_ms BIGINT NOT NULL, slot_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL, reason TEXT, attempt BIGINT NOT NULL DEFAULT 0, crashes BIGINT NOT NULL DEFAULT 0,
    owner TEXT, epoch BIGINT NOT NULL DEFAULT 0, lease_until BIGINT, not_before BIGINT NOT NULL,
    period TEXT, period_start BIGINT, period_end BIGINT, config TEXT,
    created_ms BIGINT NOT NULL, started_ms BIGINT, done_ms BIGINT);
-- A report never overlaps itself.
CREATE UNIQUE INDEX run_one_at_a_time ON run (report) WHERE state = 'running';
CREATE INDEX run_unfinished ON run (not_before) WHERE state IN ('due', 'running');
CREATE INDEX run_poisoned ON run (run) WHERE state = 'poisoned';
CREATE INDEX run_by_report ON run (report, slot_ms);
CREATE INDEX run_by_end ON run (done_ms);

CREATE TABLE skip (
    report TEXT NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, count BIGINT NOT NULL, reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL, PRIMARY KEY (report, from_ms));

CREATE TABLE artifact (
    run TEXT NOT NULL, audience TEXT NOT NULL, subject TEXT NOT NULL, body BLOB NOT NULL, light BLOB, rendered_ms BIGINT NOT NULL,
    sender TEXT NOT NULL, reply_to TEXT, public_url TEXT,
    PRIMARY KEY (run, audience));

CREATE TABLE delivery (
    delivery TEXT PRIMARY KEY, run TEXT NOT NULL, recipient TEXT NOT NULL, email TEXT NOT NULL, name TEXT, audience TEXT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 0, light BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL, attempt BIGINT NOT NULL DEFAULT 0, next_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,
    owner TEXT, epoch BIGINT NOT NULL DEFAULT 0, lease_until BIGINT, dot BIGINT NOT NULL DEFAULT 0, class TEXT, reply TEXT,
    created_ms BIGINT NOT NULL, sent_ms BIGINT, UNIQUE (run, recipient, revision));
CREATE INDEX delivery_queued ON delivery (next_ms) WHERE state = 'queued';
CREATE INDEX delivery_sending ON delivery (lease_until) WHERE state = 'sending';
CREATE INDEX delivery_held ON delivery (run) WHERE state = 'held';
-- Whether a run has any left.
CREATE INDEX delivery_open ON delivery (run) WHERE state IN ('queued', 'sending');
CREATE INDEX delivery_by_recipient ON delivery (recipient);
CREATE INDEX delivery_by_time ON delivery (created_ms);

-- What a run measured; `segment` is empty for the whole of a KPI, else `dimension=value`.
CREATE TABLE measurement (
    run TEXT NOT NULL, kpi TEXT NOT NULL, segment TEXT NOT NULL, value DOUBLE PRECISION, missing TEXT, verdict TEXT NOT NULL,
    target TEXT, inputs TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (run, kpi, segment));

CREATE TABLE event (
    event TEXT PRIMARY KEY, at_ms BIGINT NOT NULL, report TEXT, run TEXT, delivery TEXT, what TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX event_by_time ON event (at_ms);
CREATE INDEX event_by_report ON event (report, at_ms);

-- `report` is empty when the recipient wants nothing at all any more.
CREATE TABLE suppression (
    recipient TEXT NOT NULL, report TEXT NOT NULL, since_ms BIGINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (recipient, report));
