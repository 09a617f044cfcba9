-- What follows a choice; later migrations change these tables, this file never changes.

CREATE INDEX choices_quote_set ON choices (merchant_id, (doc ->> 'quote_set_id'));

CREATE TABLE failed_attempts (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT failed_attempts_event UNIQUE (event_id)
);

CREATE INDEX failed_attempts_delivery ON failed_attempts (delivery_id, id);

CREATE INDEX failed_attempts_open ON failed_attempts (merchant_id, id) WHERE is_open;

CREATE TABLE return_requests (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    status TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX return_requests_order ON return_requests (order_id, id);

CREATE INDEX return_requests_status ON return_requests (merchant_id, status, id);

CREATE TABLE loss_claims (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    leg_id TEXT NOT NULL,
    status TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT loss_claims_leg UNIQUE (leg_id)
);

CREATE INDEX loss_claims_order ON loss_claims (order_id);

CREATE INDEX loss_claims_status ON loss_claims (merchant_id, status, id);

CREATE TABLE documents (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    leg_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT documents_of_leg UNIQUE (merchant_id, leg_id, kind)
);

CREATE INDEX documents_delivery ON documents (merchant_id, delivery_id);

CREATE INDEX documents_age ON documents (merchant_id, created_at);

CREATE INDEX products_sku ON products (store_id, sku) WHERE sku <> '';

CREATE TABLE carrier_unknowns (
    merchant_id TEXT NOT NULL,
    carrier TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    seen BIGINT NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (merchant_id, carrier, kind, code)
);

CREATE TABLE link_checks (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX slot_holds_options ON slot_holds (merchant_id, (doc ->> 'options_id')) WHERE status = 'HELD';

CREATE INDEX slot_holds_held_by ON slot_holds (merchant_id, (doc ->> 'held_by')) WHERE status = 'HELD';
