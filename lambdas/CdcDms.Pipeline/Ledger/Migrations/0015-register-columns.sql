ALTER TABLE cdc.tables ADD COLUMN IF NOT EXISTS register_columns text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN cdc.tables.register_columns IS
    'Columns of the target in the order of their bits in its column _cdc_registers. A column keeps its place for ever.';
