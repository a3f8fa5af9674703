-- The sample shop, the same on both sides; no foreign keys, since the analytics side may not have any.
CREATE TABLE IF NOT EXISTS customers (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    preferences jsonb NOT NULL,
    created_at timestamptz NOT NULL);

CREATE TABLE IF NOT EXISTS products (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    price numeric(12,2) NOT NULL);

CREATE TABLE IF NOT EXISTS orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    status text NOT NULL,
    placed_at timestamp NOT NULL,
    total numeric(14,2) NOT NULL);

CREATE TABLE IF NOT EXISTS order_items (
    order_id bigint,
    line smallint,
    product_id bigint NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    PRIMARY KEY (order_id, line));
