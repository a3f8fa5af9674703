-- The version of a change begins with its generation, which takes three digits more.
ALTER TABLE cdc.tables
    ALTER COLUMN floor TYPE numeric(38,0),
    ALTER COLUMN purge_floor TYPE numeric(38,0),
    ADD COLUMN IF NOT EXISTS has_older_rows boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS lake text;
ALTER TABLE cdc.quarantine ALTER COLUMN version TYPE numeric(38,0);
DO $$
DECLARE tombstones text;
BEGIN
    FOR tombstones IN
        SELECT format('cdc.%I', c.relname) FROM pg_class c JOIN cdc.tables t ON c.relname = 'tombstones_' || t.id
        WHERE c.relnamespace = 'cdc'::regnamespace
    LOOP
        EXECUTE 'ALTER TABLE ' || tombstones || ' ALTER COLUMN _cdc_version TYPE numeric(38,0)';
    END LOOP;
END $$;

CREATE TABLE IF NOT EXISTS cdc.generations (
    table_id integer NOT NULL REFERENCES cdc.tables,
    generation integer NOT NULL,
    newest_folder text,
    PRIMARY KEY (table_id, generation));
COMMENT ON TABLE cdc.generations IS
    'Whose rows a target may hold: of each generation from which something was merged, and 0 for rows from before all of them.';
COMMENT ON COLUMN cdc.generations.newest_folder IS
    'Newest date folder of which all files were applied: listings begin a little before it. NULL: they show everything.';
COMMENT ON COLUMN cdc.tables.lake IS
    'Where the files are from which the target was filled, as s3://BUCKET/PREFIX. NULL: the next merge says it.';
COMMENT ON COLUMN cdc.tables.has_older_rows IS
    'Whether rows below the floor, which a complete generation does not have, are still to be removed.';

-- What was merged so far came from no folder of a generation: it is older than all that will come.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'cdc.tables'::regclass AND attname = 'generation' AND NOT attisdropped) THEN
        INSERT INTO cdc.generations (table_id, generation) SELECT id, 0 FROM cdc.tables;
    END IF;
END $$;
ALTER TABLE cdc.tables DROP COLUMN IF EXISTS generation, DROP COLUMN IF EXISTS newest_folder;
