-- Where vans were, and what their phones show for it; this file never changes.

-- Every fix that was believed, and those that came too late to move anything. Its key begins with the driver, so
-- that a day's rows lie beside each other's; cut into partitions by `recorded_at` it would stay a key.
CREATE TABLE positions (
    driver_id TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    merchant_id TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lng DOUBLE PRECISION NOT NULL,
    speed_mps DOUBLE PRECISION,
    heading_deg DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    is_late BOOLEAN NOT NULL,
    is_coarse BOOLEAN NOT NULL,
    PRIMARY KEY (driver_id, recorded_at)
);

-- Rows come in the order of their times, nearly: a few pages for millions of them.
CREATE INDEX positions_recorded ON positions USING brin (recorded_at);

-- The last fix of each driver that was believed, and what was not.
CREATE TABLE last_positions (
    driver_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE,
    heard_at TIMESTAMP WITH TIME ZONE,
    lat DOUBLE PRECISION,
    lng DOUBLE PRECISION,
    speed_mps DOUBLE PRECISION,
    heading_deg DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    rejected JSONB NOT NULL,
    PRIMARY KEY (driver_id)
) WITH (fillfactor = 50);

CREATE INDEX last_positions_merchant ON last_positions (merchant_id);

-- What phones prove with whose they are: only hashes.
CREATE TABLE device_keys (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    driver_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT device_keys_hash UNIQUE (hash)
);

CREATE INDEX device_keys_driver ON device_keys (merchant_id, driver_id);

INSERT INTO device_keys (id, merchant_id, driver_id, hash, hint, created_at)
SELECT 'dev' || substr(drivers.id, 4), merchant_id, id, encode(sha256(convert_to(device_id, 'UTF8')), 'hex'),
    CASE WHEN length(device_id) >= 16 THEN '…' || right(device_id, 4) ELSE '…' END, now()
FROM drivers WHERE device_id <> '';

UPDATE drivers SET doc = jsonb_set(doc, '{device_id}', '""') WHERE device_id <> '';

DROP FUNCTION door_device(text);

ALTER TABLE drivers DROP COLUMN device_id;
