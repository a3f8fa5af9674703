ALTER TABLE cdc.files ADD COLUMN IF NOT EXISTS rows_merged bigint;
COMMENT ON COLUMN cdc.files.rows_merged IS
    'Of a file that is merged in parts: as many of its first rows are merged, the others wait. NULL: the whole file is merged.';

ALTER TABLE cdc.tables
    ADD COLUMN IF NOT EXISTS most_files integer,
    ADD COLUMN IF NOT EXISTS most_bytes bigint,
    ADD COLUMN IF NOT EXISTS fitting_batches integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN cdc.tables.most_bytes IS
    'With most_files: what a batch may take since a larger one ran out of time, memory or storage; NULL when none did. '
    'fitting_batches: as many that took all they may have been merged since the bound last changed.';

CREATE TABLE IF NOT EXISTS cdc.attempts (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES cdc.tables,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    files integer NOT NULL,
    bytes bigint NOT NULL);
COMMENT ON TABLE cdc.attempts IS
    'Batches that have begun and not ended. One whose session no longer holds its advisory lock has died, and halves the next.';
