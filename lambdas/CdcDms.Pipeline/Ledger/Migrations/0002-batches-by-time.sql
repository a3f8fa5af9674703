-- The status of a table needs its newest batch; without an index every look reads all batches of all tables.
CREATE INDEX IF NOT EXISTS batches_by_time ON cdc.batches (table_id, committed_at);
