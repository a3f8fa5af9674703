-- The newest marker that is due is asked for after each batch, and for all tables by a status.
CREATE INDEX IF NOT EXISTS markers_newest ON cdc.markers (lake, generation, stored_at);

-- A status reads these tables, which came later than others: who may read the ledger's tables may read them too.
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT CASE WHEN granted.grantee = 0 THEN 'PUBLIC' ELSE granted.grantee::regrole::text END
        FROM pg_class c, aclexplode(c.relacl) granted
        WHERE c.oid = 'cdc.tables'::regclass AND granted.privilege_type = 'SELECT' AND granted.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT SELECT ON cdc.markers, cdc.generations TO %s', reader);
    END LOOP;
END $$;
