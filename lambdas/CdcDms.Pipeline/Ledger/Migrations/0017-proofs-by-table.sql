-- A look at all tables asks of each for its newest proofs.
CREATE INDEX IF NOT EXISTS proofs_by_table ON cdc.proofs (table_id, of_proof);
