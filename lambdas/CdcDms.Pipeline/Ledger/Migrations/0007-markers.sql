CREATE TABLE IF NOT EXISTS cdc.markers (
    lake text NOT NULL,
    generation integer NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL,
    lowest_version numeric(38,0) NOT NULL,
    highest_version numeric(38,0) NOT NULL,
    committed_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL,
    interval_seconds integer NOT NULL,
    prompt boolean NOT NULL
        GENERATED ALWAYS AS (stored_at - committed_at <= 2 * interval_seconds * interval '1 second') STORED,
    merged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lake, generation, id));
CREATE INDEX IF NOT EXISTS markers_prompt ON cdc.markers (lake, stored_at) WHERE prompt;
COMMENT ON TABLE cdc.markers IS
    'Markers that have come through the lake. What is read at the source after a marker is settled holds every change below its version.';
COMMENT ON COLUMN cdc.markers.lake IS
    'Where the markers came from, as s3://BUCKET/PREFIX. Its files are recorded as those of a table of this name in the schema cdc.';
COMMENT ON COLUMN cdc.markers.number IS
    'Rises with the commits of one source. A source that was restored counts from an older number again, so id tells markers apart.';
COMMENT ON COLUMN cdc.markers.lowest_version IS
    'With highest_version: the versions under which the marker came. They differ when the stream was delivered again with other sequences.';
COMMENT ON COLUMN cdc.markers.stored_at IS
    'When S3 took the object in which the marker came, by the clock of S3.';
COMMENT ON COLUMN cdc.markers.interval_seconds IS
    'The longest time after which the task closes a file.';
COMMENT ON COLUMN cdc.markers.prompt IS
    'Whether the marker was in the lake within two intervals of its commit: then nothing older was held up on its way.';

ALTER TABLE cdc.tables ADD COLUMN IF NOT EXISTS listed_until timestamptz;
COMMENT ON COLUMN cdc.tables.listed_until IS
    'By the clock of S3: every object of the table that the lake had at this time is merged or rejected. NULL: nobody knows.';
