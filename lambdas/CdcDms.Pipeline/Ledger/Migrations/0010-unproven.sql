CREATE TABLE IF NOT EXISTS cdc.unproven (
    table_id integer NOT NULL REFERENCES cdc.tables,
    cause text NOT NULL CHECK (cause IN
        ('GenerationBegan', 'Loaded', 'Resumed', 'ColumnAdded', 'ColumnWidened', 'ChangeDropped', 'ChangeRetried')),
    subject text NOT NULL DEFAULT '',
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (table_id, cause, subject));
COMMENT ON TABLE cdc.unproven IS
    'Why nobody knows whether a table has exactly the rows of its source. A proof of the whole table that began later ends it.';
COMMENT ON COLUMN cdc.unproven.subject IS
    'The generation or the column; empty where there is none.';

ALTER TABLE cdc.tables
    ADD COLUMN IF NOT EXISTS proven_at timestamptz,
    ADD COLUMN IF NOT EXISTS proven_generation integer;
COMMENT ON COLUMN cdc.tables.proven_at IS
    'When the newest proof of the whole table began that found every row right, or repaired it.';
COMMENT ON COLUMN cdc.tables.proven_generation IS 'The newest generation then.';

ALTER TABLE cdc.proofs
    ADD COLUMN IF NOT EXISTS together integer NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS whole_since timestamptz;
COMMENT ON COLUMN cdc.proofs.together IS 'How many proofs were asked for together.';
COMMENT ON COLUMN cdc.proofs.whole_since IS
    'When the comparison of the whole table began whose differing keys these proofs have, all of them; NULL for proofs of other keys.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'cdc.tables'::regclass AND attname = 'backfill_columns' AND NOT attisdropped) THEN
        INSERT INTO cdc.unproven (table_id, cause, subject)
        SELECT id, 'ColumnAdded', name FROM cdc.tables, unnest(backfill_columns) AS name ON CONFLICT DO NOTHING;
    END IF;
END $$;
ALTER TABLE cdc.tables DROP COLUMN IF EXISTS backfill_columns;

-- A status reads this table: who may read the ledger's tables may read it too.
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT CASE WHEN granted.grantee = 0 THEN 'PUBLIC' ELSE granted.grantee::regrole::text END
        FROM pg_class c, aclexplode(c.relacl) granted
        WHERE c.oid = 'cdc.tables'::regclass AND granted.privilege_type = 'SELECT' AND granted.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT SELECT ON cdc.unproven TO %s', reader);
    END LOOP;
END $$;
