-- What DMS and the pipeline need of a source, and rows that are there before the first snapshot. Run again, it changes nothing.
GRANT USAGE, CREATE ON SCHEMA cdcdms TO dms;
GRANT SELECT, INSERT, DELETE ON cdcdms.marker, cdcdms.settled TO dms;
GRANT USAGE ON SCHEMA public TO dms;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO dms;

-- Without this, an update that leaves a long description alone does not carry it.
ALTER TABLE products REPLICA IDENTITY FULL;

-- On RDS replication is a role to be granted; elsewhere it is an attribute.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication') THEN
        GRANT rds_replication TO dms;
    ELSE
        ALTER ROLE dms REPLICATION;
    END IF;
END $$;

INSERT INTO customers
SELECT n, 'Customer ' || n, 'customer.' || n || '@example.org', jsonb_build_object('newsletter', n % 2 = 0), now() - n * interval '1 hour'
FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING;
INSERT INTO products
SELECT n, 'Product ' || n, repeat('All about product ' || n || '. ', CASE WHEN n % 5 = 0 THEN 500 ELSE 5 END), n % 90 + 0.99
FROM generate_series(1, 200) n ON CONFLICT DO NOTHING;
INSERT INTO orders
SELECT n, 1 + n % 1000, 'paid', now() - n * interval '1 minute', n % 300 FROM generate_series(1, 5000) n ON CONFLICT DO NOTHING;
INSERT INTO order_items
SELECT o.id, line, 1 + (o.id * line) % 200, 1 + o.id % 3, 9.99 FROM orders o CROSS JOIN generate_series(1, 2) line ON CONFLICT DO NOTHING;
