ALTER TABLE cdc.batches ADD COLUMN IF NOT EXISTS moved bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN cdc.batches.moved IS
    'Rows removed because an update gave them another key; they are not among those read, since that update has a fate of its own.';

-- A change in the quarantine is one change of one file: its operation says which of its columns it speaks of.
ALTER TABLE cdc.quarantine DROP COLUMN IF EXISTS registers;
