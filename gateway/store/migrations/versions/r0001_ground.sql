-- The tables as the first migration made them; later migrations change them, this file never changes.

CREATE TABLE api_keys (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    allowed_origins TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT api_keys_hash UNIQUE (hash)
);

CREATE TABLE carrier_accounts (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    carrier TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    sealed BYTEA NOT NULL,
    settings JSONB NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX carrier_accounts_merchant ON carrier_accounts (merchant_id);

CREATE TABLE choices (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    order_id TEXT,
    chosen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE deliveries (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    fulfillment_order_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    mode TEXT NOT NULL,
    is_over BOOLEAN NOT NULL,
    driver_id TEXT,
    promised_by TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX deliveries_one_live ON deliveries (fulfillment_order_id) WHERE status NOT IN ('CANCELLED', 'FAILED', 'RETURNED');

CREATE INDEX deliveries_promised ON deliveries (merchant_id, promised_by, id);

CREATE INDEX deliveries_unfinished ON deliveries (merchant_id, mode) WHERE NOT is_over;

CREATE TABLE delivery_events (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    source TEXT NOT NULL,
    source_event_id TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT delivery_events_source UNIQUE (delivery_id, source, source_event_id)
);

CREATE INDEX delivery_events_time ON delivery_events (delivery_id, occurred_at, id);

CREATE TABLE driver_states (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE drivers (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT drivers_device UNIQUE (device_id)
);

CREATE INDEX drivers_merchant ON drivers (merchant_id);

CREATE TABLE fulfillment_orders (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    status TEXT NOT NULL,
    method TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT fulfillment_orders_external UNIQUE (order_id, external_id)
);

CREATE INDEX fulfillment_orders_status ON fulfillment_orders (merchant_id, status);

CREATE TABLE inbox (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    dedupe_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    headers JSONB NOT NULL,
    body BYTEA NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT inbox_dedupe UNIQUE (source, dedupe_id)
);

CREATE TABLE incidents (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    delivery_id TEXT,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX incidents_due ON incidents (merchant_id, due_at, id);

CREATE UNIQUE INDEX incidents_one_live ON incidents (merchant_id, kind, subject) WHERE status <> 'RESOLVED';

CREATE TABLE legs (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    carrier TEXT NOT NULL,
    external_id TEXT NOT NULL,
    booking_key TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT legs_booking_key UNIQUE (booking_key)
);

CREATE UNIQUE INDEX legs_booking ON legs (merchant_id, carrier, external_id) WHERE external_id <> '';

CREATE INDEX legs_delivery ON legs (delivery_id);

CREATE TABLE locations (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX locations_merchant ON locations (merchant_id);

CREATE TABLE memory (
    merchant_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (merchant_id, operation, key)
);

CREATE TABLE merchants (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE orders (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    number TEXT NOT NULL,
    status TEXT NOT NULL,
    choice_reference TEXT NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT orders_external UNIQUE (store_id, external_id)
);

CREATE INDEX orders_placed ON orders (merchant_id, placed_at, id);

CREATE TABLE quarantine (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    status TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX quarantine_one_waiting ON quarantine (source, external_id) WHERE status = 'WAITING';

CREATE TABLE quote_sets (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    fulfillment_order_id TEXT,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX quote_sets_fulfillment_order ON quote_sets (fulfillment_order_id, asked_at);

CREATE TABLE route_plans (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    date TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX route_plans_date ON route_plans (merchant_id, date);

CREATE TABLE routes (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    driver_id TEXT NOT NULL,
    date TEXT NOT NULL,
    status TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX routes_date ON routes (merchant_id, date, id);

CREATE INDEX routes_driver ON routes (driver_id, starts_at);

CREATE TABLE stores (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    external_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT stores_external UNIQUE (platform, external_id)
);

CREATE INDEX stores_merchant ON stores (merchant_id);
