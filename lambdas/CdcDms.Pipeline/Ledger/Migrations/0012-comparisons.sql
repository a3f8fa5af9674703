CREATE TABLE IF NOT EXISTS cdc.comparisons (
    table_id integer PRIMARY KEY REFERENCES cdc.tables,
    run text NOT NULL,
    begun_at timestamptz NOT NULL,
    saved_at timestamptz NOT NULL,
    saves integer NOT NULL,
    state jsonb NOT NULL);
COMMENT ON TABLE cdc.comparisons IS
    'Comparisons of whole tables that take longer than one call: how far they are. The next call of the same run goes on.';
COMMENT ON COLUMN cdc.comparisons.run IS 'Who compares: an execution of the state machine, or a command.';
COMMENT ON COLUMN cdc.comparisons.saves IS 'How many calls have saved what they had read.';

CREATE TABLE IF NOT EXISTS cdc.comparison_parts (
    table_id integer NOT NULL REFERENCES cdc.comparisons ON DELETE CASCADE,
    name text NOT NULL,
    part integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (table_id, name, part));
ALTER TABLE cdc.comparison_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE cdc.comparison_parts IS
    'What such a comparison has read: sums of buckets, hashes of rows and of rows that differ. Hashes cannot be compressed.';
