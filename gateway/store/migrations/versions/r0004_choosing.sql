-- What a merchant sets for choosing, and what is counted for it; later migrations change these tables, this
-- file never changes.

CREATE TABLE slot_templates (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX slot_templates_location ON slot_templates (merchant_id, location_id);

CREATE TABLE slot_days (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE slot_holds (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    slot_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    status TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT slot_holds_key UNIQUE (merchant_id, key)
);

CREATE UNIQUE INDEX slot_holds_one_live ON slot_holds (slot_id, place) WHERE status IN ('HELD', 'CONFIRMED');

CREATE UNIQUE INDEX slot_holds_one_confirmed ON slot_holds (merchant_id, owner) WHERE status = 'CONFIRMED' AND owner <> '';

CREATE TABLE rules (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    priority INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX rules_order ON rules (merchant_id, priority, id) WHERE archived_at IS NULL;

CREATE INDEX rules_version ON rules (merchant_id, version);

CREATE TABLE boxes (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX boxes_merchant ON boxes (merchant_id);

CREATE TABLE carrier_counts (
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    day DATE NOT NULL,
    currency TEXT NOT NULL,
    asked BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    timed_out BIGINT NOT NULL,
    declined BIGINT NOT NULL,
    booked BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    on_time BIGINT NOT NULL,
    first_attempt BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    incidents BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    responses BIGINT[] NOT NULL,
    PRIMARY KEY (merchant_id, account_id, day, currency)
);

CREATE INDEX carrier_counts_day ON carrier_counts (merchant_id, day);

CREATE TABLE requotes (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX requotes_account ON requotes (account_id, noted_at, id);
