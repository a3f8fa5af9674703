ALTER TABLE cdc.tables ADD COLUMN IF NOT EXISTS restarts integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN cdc.tables.restarts IS
    'How often the table''s folders were to be listed whole again, by a resume or for a target that is gone: older listings tell nothing.';
ALTER TABLE cdc.tables ADD COLUMN IF NOT EXISTS absent_columns text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN cdc.tables.absent_columns IS
    'Columns that files had and the newest files lack, or the definition leaves out: what the target holds of them grows old.';
