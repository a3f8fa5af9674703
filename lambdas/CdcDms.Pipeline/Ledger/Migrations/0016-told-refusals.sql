ALTER TABLE cdc.quarantine ADD COLUMN IF NOT EXISTS told text;
COMMENT ON COLUMN cdc.quarantine.told IS 'error without a value of a row; NULL in rows from before this column.';
ALTER TABLE cdc.rejected_files ADD COLUMN IF NOT EXISTS told text;
COMMENT ON COLUMN cdc.rejected_files.told IS 'reason without a value of a row; NULL in rows from before this column.';
