CREATE TABLE IF NOT EXISTS cdc.proofs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES cdc.tables,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    of_proof bigint NOT NULL,
    marker bigint NOT NULL,
    marker_id uuid NOT NULL,
    marker_after bigint,
    marker_after_id uuid,
    read_at timestamptz,
    columns jsonb NOT NULL,
    keys integer NOT NULL,
    repairs boolean NOT NULL,
    most_removed integer NOT NULL,
    changed_since integer NOT NULL DEFAULT 0,
    explained integer NOT NULL DEFAULT 0,
    repaired integer NOT NULL DEFAULT 0,
    judged_at timestamptz,
    outcome text CHECK (outcome IN ('Proven', 'Different', 'NotProven')),
    cause text,
    CHECK ((judged_at IS NULL) = (outcome IS NULL)));
CREATE INDEX IF NOT EXISTS proofs_open ON cdc.proofs (table_id, marker) WHERE outcome IS NULL;
COMMENT ON TABLE cdc.proofs IS
    'Rows that were read at the source between two markers: after the first was settled, before the second was written. Once the second is '
    'due, the target holds every change that the read saw, so a row that did not change after the first marker must be equal.';
COMMENT ON COLUMN cdc.proofs.of_proof IS
    'The first of the proofs that were asked for together.';
COMMENT ON COLUMN cdc.proofs.read_at IS
    'When the second marker was written, after the read, by the clock of the source.';
COMMENT ON COLUMN cdc.proofs.columns IS
    'The columns that the target had then, with their types, and how each is compared.';
COMMENT ON COLUMN cdc.proofs.most_removed IS
    'The most rows that the repair may remove from the target; if more are too many there, none is removed.';
COMMENT ON COLUMN cdc.proofs.changed_since IS
    'With explained: keys of which nothing is said, because they changed after the first marker, or have an open quarantined change.';

CREATE TABLE IF NOT EXISTS cdc.proof_rows (
    proof_id bigint NOT NULL REFERENCES cdc.proofs ON DELETE CASCADE,
    place integer NOT NULL,
    key jsonb NOT NULL,
    row jsonb,
    PRIMARY KEY (proof_id, place));
COMMENT ON TABLE cdc.proof_rows IS
    'The rows of proofs that are not judged yet, as texts by the target''s columns. NULL: the source has no such row.';

CREATE TABLE IF NOT EXISTS cdc.sampled_keys (
    table_id integer NOT NULL REFERENCES cdc.tables,
    key jsonb NOT NULL);
CREATE INDEX IF NOT EXISTS sampled_keys_table ON cdc.sampled_keys (table_id);
COMMENT ON TABLE cdc.sampled_keys IS
    'Some keys of the batches since the table''s last proof, deletes included, of which the next proof takes a sample.';

CREATE TABLE IF NOT EXISTS cdc.differences (
    proof_id bigint NOT NULL REFERENCES cdc.proofs ON DELETE CASCADE,
    place integer NOT NULL,
    key jsonb NOT NULL,
    kind text NOT NULL CHECK (kind IN ('Missing', 'Extra', 'Changed')),
    columns text[] NOT NULL,
    PRIMARY KEY (proof_id, place));
COMMENT ON TABLE cdc.differences IS 'What a proof has found: rows that the target lacks or should not have, and columns that differ.';
