ALTER TABLE cdc.tables ADD COLUMN IF NOT EXISTS newest_folder text;
ALTER TABLE cdc.tables ADD COLUMN IF NOT EXISTS loads_accepted_at timestamptz;
COMMENT ON COLUMN cdc.tables.newest_folder IS
    'Newest date folder of which all files were applied: listings begin a little before it. NULL: they show everything.';
COMMENT ON COLUMN cdc.tables.loads_accepted_at IS
    'Full-load files that were written before fill gaps, although the table was loaded or replicating already.';
