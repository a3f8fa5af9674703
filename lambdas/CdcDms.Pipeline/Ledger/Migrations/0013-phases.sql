ALTER TABLE cdc.batches
    ADD COLUMN IF NOT EXISTS attempts integer,
    ADD COLUMN IF NOT EXISTS ways text[] CHECK (ways <@ '{straight,staged,careful}'),
    ADD COLUMN IF NOT EXISTS phases jsonb;
COMMENT ON COLUMN cdc.batches.attempts IS
    'How often a batch was begun until this one was merged. NULL, like ways and phases, where nobody measured, as for repairs.';
COMMENT ON COLUMN cdc.batches.ways IS
    'How its rows got into the target, one way after the other; each but the last failed.';
COMMENT ON COLUMN cdc.batches.phases IS
    'Where the time of all attempts went, in seconds, up to the moment at which this row was written: without the commit.';
