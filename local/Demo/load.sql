-- $1 rows in all: a tenth customers, a twentieth products, the rest orders with two items each.
INSERT INTO customers (name, email, active, country, birthday, tags, preferences, last_seen_from, photo, visits, credit, created_at)
SELECT 'Customer ' || n, 'customer.' || n || '@example.org', n % 7 <> 0, (ARRAY['DE', 'FR', 'IT', 'JP'])[1 + n % 4],
       date '1950-01-01' + n % 20000, ARRAY['group ' || n % 9, 'said "hi", twice', NULL],
       jsonb_build_object('theme', n % 3, 'newsletter', n % 2 = 0, 'note', 'naïve ☕ 𝄞'),
       ('10.0.' || n % 256 || '.' || n / 256 % 256)::inet, CASE WHEN n % 3 = 0 THEN decode(md5(n::text), 'hex') END,
       n % 1000, (n % 100000)::numeric / 100, timestamptz '2024-01-01 00:00:00+00' + n * interval '37 minutes 11.123456 seconds'
FROM generate_series(1, greatest($1 / 10, 10)) n;

INSERT INTO products
SELECT gen_random_uuid(), 'Product ' || n, repeat(md5(n::text) || ' ', CASE WHEN n % 5 = 0 THEN 300 ELSE 10 END),
       n % 5000 + 0.0001 * (n % 10000),
       CASE WHEN n % 4 <> 0 THEN n % 90 / 7.0 END, sqrt(n), n % 300, time '08:00' + n % 40000 * interval '1.001 seconds',
       make_interval(years => n % 4, months => n % 13, days => n % 31, secs => n % 100 / 8.0), json_build_object('w', n % 90, 'h', n % 70)
FROM generate_series(1, greatest($1 / 20, 10)) n;

INSERT INTO orders (customer_id, status, placed_at, total, note)
SELECT 1 + n % greatest($1 / 10, 10), (enum_range(NULL::order_status))[1 + n % 4], timestamp '2026-01-01' + n * interval '1.000007 seconds',
       n % 90000 / 100.0, CASE n % 3 WHEN 0 THEN '' WHEN 1 THEN 'leave at the door; "ring" twice' END
FROM generate_series(1, greatest($1 * 17 / 60, 10)) n;

INSERT INTO order_items
SELECT o.id, line, p.sku, 1 + o.id % 5, p.price, CASE WHEN o.id % 3 = 0 THEN line = 1 END
FROM orders o CROSS JOIN generate_series(1, 2) line
JOIN (SELECT row_number() OVER () AS place, sku, price FROM products) p ON p.place = 1 + (o.id * line) % greatest($1 / 20, 10);

ANALYZE;
