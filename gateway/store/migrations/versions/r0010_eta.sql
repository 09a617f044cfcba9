-- What was said of arrivals and what came of it, and what learned from that; this file never changes.

CREATE TABLE eta_trips (
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    horizon INTEGER NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    arrived_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (merchant_id, delivery_id, horizon)
);

-- What is learned from, and how much of it is new.
CREATE INDEX eta_trips_arrived ON eta_trips (merchant_id, arrived_at) WHERE arrived_at IS NOT NULL;

CREATE INDEX eta_trips_asked ON eta_trips (merchant_id, asked_at);

CREATE TABLE eta_versions (
    merchant_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    is_current BOOLEAN NOT NULL,
    doc JSONB NOT NULL,
    body BYTEA,
    PRIMARY KEY (merchant_id, number)
);

-- One answers for a merchant.
CREATE UNIQUE INDEX eta_versions_current ON eta_versions (merchant_id) WHERE is_current;
