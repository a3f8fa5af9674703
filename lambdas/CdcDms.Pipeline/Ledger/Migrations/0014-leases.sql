CREATE TABLE IF NOT EXISTS cdc.leases (
    table_id integer PRIMARY KEY REFERENCES cdc.tables,
    execution text NOT NULL,
    ends_at timestamptz NOT NULL);
COMMENT ON TABLE cdc.leases IS
    'Which execution of the workflow merges a table; others leave that table to it until the lease ends. No row rests on it: the '
    'lock of the transaction keeps merges apart.';
