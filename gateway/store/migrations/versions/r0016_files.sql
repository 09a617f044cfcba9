-- Files of threads, with their bytes once those came; this file never changes.

CREATE TABLE uploads (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    body BYTEA,
    PRIMARY KEY (id)
);

CREATE INDEX uploads_delivery ON uploads (merchant_id, delivery_id);

CREATE INDEX uploads_waiting ON uploads (merchant_id, owner) WHERE sent_at IS NULL;

CREATE INDEX uploads_age ON uploads (merchant_id, created_at);
