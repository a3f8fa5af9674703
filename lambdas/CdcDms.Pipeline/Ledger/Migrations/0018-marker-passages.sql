CREATE TABLE IF NOT EXISTS cdc.marker_passages (
    lake text NOT NULL,
    generation integer NOT NULL,
    id uuid NOT NULL,
    shard_list text NOT NULL,
    shard text NOT NULL,
    shards integer NOT NULL,
    number bigint NOT NULL,
    lowest_version numeric(38,0) NOT NULL,
    highest_version numeric(38,0) NOT NULL,
    committed_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL,
    interval_seconds integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lake, generation, id, shard_list, shard));
COMMENT ON TABLE cdc.marker_passages IS
    'Which shards of a stream a marker passed. The marker has come, and is in cdc.markers, when it passed all shards of a list.';
COMMENT ON COLUMN cdc.marker_passages.shard_list IS
    'Tells lists apart: a marker that is read again meets other shards where some were split or merged meanwhile.';
COMMENT ON COLUMN cdc.marker_passages.shards IS 'How many shards the list has.';
