CREATE TABLE IF NOT EXISTS cdc.tables (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target_schema text NOT NULL,
    target_name text NOT NULL,
    generation numeric(35,0) NOT NULL DEFAULT 0,
    floor numeric(35,0) NOT NULL DEFAULT 0,
    purge_floor numeric(35,0) NOT NULL DEFAULT 0,
    drained_at timestamptz,
    swept_at timestamptz,
    seen_columns jsonb NOT NULL DEFAULT '{}',
    backfill_columns text[] NOT NULL DEFAULT '{}',
    parked_at timestamptz,
    parked_cause text,
    UNIQUE (target_schema, target_name));
COMMENT ON TABLE cdc.tables IS
    'One row per target table. Changes at or below floor are stale; tombstones at or below purge_floor are forgotten. '
    'drained_at and swept_at: when a listing of recent folders, or of all, was last applied wholly. '
    'seen_columns: of any file so far, with their types there. backfill_columns: added since the table was last complete.';

CREATE TABLE IF NOT EXISTS cdc.batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES cdc.tables,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    files integer NOT NULL, bytes bigint NOT NULL,
    read bigint NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL, unchanged bigint NOT NULL,
    deleted bigint NOT NULL, superseded bigint NOT NULL, stale bigint NOT NULL, quarantined bigint NOT NULL,
    removed bigint NOT NULL,
    CONSTRAINT every_row_accounted_for CHECK (read = inserted + updated + unchanged + deleted + superseded + stale + quarantined));
COMMENT ON COLUMN cdc.batches.removed IS
    'Rows deleted because a complete new generation does not have them; they were not read from a file.';

CREATE TABLE IF NOT EXISTS cdc.files (
    table_id integer NOT NULL REFERENCES cdc.tables,
    key text NOT NULL,
    etag text NOT NULL,
    modified_at timestamptz NOT NULL,
    bytes bigint NOT NULL,
    batch_id bigint NOT NULL REFERENCES cdc.batches,
    PRIMARY KEY (table_id, key, etag, modified_at));

CREATE TABLE IF NOT EXISTS cdc.rejected_files (
    table_id integer NOT NULL REFERENCES cdc.tables,
    key text NOT NULL,
    etag text NOT NULL,
    modified_at timestamptz NOT NULL,
    bytes bigint NOT NULL,
    reason text NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (table_id, key, etag, modified_at));
COMMENT ON TABLE cdc.rejected_files IS 'Files that cannot be read. Nothing of them was applied.';

CREATE TABLE IF NOT EXISTS cdc.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES cdc.tables,
    quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL CHECK (reason IN ('refused', 'late', 'malformed')),
    operation text,
    version numeric(35,0),
    committed_at timestamp,
    key jsonb,
    change jsonb NOT NULL,
    types jsonb NOT NULL,
    registers jsonb,
    sqlstate text,
    error text NOT NULL,
    closed_at timestamptz,
    closed_by text CHECK (closed_by IN ('superseded', 'retried', 'dropped')),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)));
COMMENT ON TABLE cdc.quarantine IS
    'Changes that were not applied. change: values as text, by the name of the file''s column; types: what the file had them as; '
    'registers: the versions of values that may be older than the change. '
    'key: by the target''s column, NULL when the target cannot read it.';

CREATE UNIQUE INDEX IF NOT EXISTS quarantine_open ON cdc.quarantine
    (table_id, coalesce(version, -1), coalesce(operation, ''), md5(change::text)) WHERE closed_at IS NULL;
