-- What a user of the shop does, one statement at a time; $1 is a random number from 0 to 1. "The first row from here on" is found by an
-- index, however large the table is, since what is compared is a bigint as the column is.

INSERT INTO customers (name, email, active, country, tags, preferences, visits, credit, created_at)
VALUES ('New ' || $1::float8, 'new@example.org', true, 'SE', '{}', '{"theme": null}', 0, 9.99, clock_timestamp());

-- Two at a time: each deleted customer takes orders along, and the shop is not to run empty.
WITH o AS (
  INSERT INTO orders (customer_id, status, placed_at, total, note)
  SELECT id, 'new', clock_timestamp() AT TIME ZONE 'UTC', $1::float8 * 1000, 'from a writer'
  FROM customers WHERE id >= ($1::float8 * (SELECT max(id) FROM customers))::bigint ORDER BY id LIMIT 2
  RETURNING id)
INSERT INTO order_items
SELECT o.id, line, p.sku, line, p.price, NULL
FROM o CROSS JOIN generate_series(1, 3) line CROSS JOIN (SELECT sku, price FROM products ORDER BY sku LIMIT 1) p;

UPDATE orders SET status = (enum_range(NULL::order_status))[1 + ($1::float8 * 3)::int], total = total + 1
WHERE id = (SELECT id FROM orders WHERE id >= ($1::float8 * (SELECT max(id) FROM orders))::bigint ORDER BY id LIMIT 1);

UPDATE customers
SET visits = visits + 1, credit = credit + 0.01::numeric::money, tags = tags || ('visit ' || visits)::text,
    preferences = preferences || jsonb_build_object('visits', visits)
WHERE id = (SELECT id FROM customers WHERE id >= ($1::float8 * (SELECT max(id) FROM customers))::bigint ORDER BY id LIMIT 1);

-- Leaves the long description alone.
UPDATE products SET price = price + 0.0001, rating = random()
WHERE sku = (SELECT sku FROM products WHERE sku >= md5($1::float8::text)::uuid ORDER BY sku LIMIT 1);

UPDATE products SET description = repeat(md5($1::float8::text) || ' ', ($1::float8 * 400)::int)
WHERE sku = (SELECT sku FROM products WHERE sku >= md5($1::float8::text)::uuid ORDER BY sku LIMIT 1);

-- A changed primary key.
UPDATE order_items SET line = line + 100
WHERE line < 10000 AND (order_id, line) = (
  SELECT order_id, line FROM order_items
  WHERE order_id >= ($1::float8 * (SELECT max(order_id) FROM order_items))::bigint ORDER BY order_id, line LIMIT 1);

DELETE FROM orders
WHERE id = (SELECT id FROM orders WHERE id >= ($1::float8 * (SELECT max(id) FROM orders))::bigint ORDER BY id LIMIT 1);

DELETE FROM customers
WHERE id = (SELECT id FROM customers WHERE id >= ($1::float8 * (SELECT max(id) FROM customers))::bigint ORDER BY id LIMIT 1)
  AND $1::float8 < 0.2;
