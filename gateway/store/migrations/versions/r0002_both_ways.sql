-- What keeps stores and us of one mind; later migrations change these tables, this file never changes.

CREATE TABLE store_syncs (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE reports (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX reports_due ON reports (merchant_id, due_at, id) WHERE status = 'DUE';

CREATE TABLE products (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT products_external UNIQUE (store_id, external_id)
);

CREATE TABLE privacy_requests (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    status TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX privacy_requests_due ON privacy_requests (merchant_id, status, due_at, id);

CREATE INDEX inbox_waiting ON inbox (source, received_at, id) WHERE handled_at IS NULL;

CREATE INDEX orders_of_store ON orders (store_id, placed_at, id);
