-- A minute in the shop: some orders are placed, some change, an old one is deleted.
WITH placed AS (
    INSERT INTO orders
    SELECT (SELECT max(id) FROM orders) + n, 1 + (random() * 999)::bigint, 'new', now(), round((random() * 300)::numeric, 2)
    FROM generate_series(1, 20) n
    RETURNING id)
INSERT INTO order_items
SELECT id, line, 1 + (random() * 199)::bigint, 1 + (random() * 4)::integer, 9.99 FROM placed CROSS JOIN generate_series(1, 2) line;
UPDATE orders SET status = 'shipped' WHERE status = 'new' AND placed_at < now() - interval '5 minutes';
UPDATE products SET price = price + 0.01 WHERE id = 1 + (random() * 199)::bigint;
UPDATE customers SET preferences = preferences || jsonb_build_object('seen', now())
WHERE id IN (SELECT 1 + (random() * 999)::bigint FROM generate_series(1, 5));
WITH oldest AS (DELETE FROM orders WHERE id = (SELECT min(id) FROM orders) RETURNING id)
DELETE FROM order_items WHERE order_id IN (SELECT id FROM oldest);
