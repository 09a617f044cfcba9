-- Tours and plans by what is in them; this file never changes.

-- The tour of a delivery, and that of a stop that a dispatcher drags. Row level security keeps indexes on what is
-- inside of `doc` from being used.
CREATE TABLE route_stops (
    route_id TEXT NOT NULL,
    stop_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    PRIMARY KEY (route_id, stop_id)
);

CREATE INDEX route_stops_stop ON route_stops (stop_id);

CREATE INDEX route_stops_delivery ON route_stops (delivery_id);

INSERT INTO route_stops (route_id, stop_id, merchant_id, delivery_id)
SELECT routes.id, stop ->> 'id', routes.merchant_id, stop ->> 'delivery_id'
FROM routes CROSS JOIN LATERAL jsonb_array_elements(routes.doc -> 'stops') AS stop
ON CONFLICT DO NOTHING;

-- Tours that drivers know of: few of all that ever were.
CREATE INDEX routes_unfinished ON routes (merchant_id, starts_at, id) WHERE status IN ('PUBLISHED', 'STARTED');

-- The newest plans.
CREATE INDEX route_plans_created ON route_plans (merchant_id, created_at);

-- The tours of a plan.
CREATE INDEX routes_plan ON routes (merchant_id, plan_id, starts_at);

-- How often shoppers of a merchant were erased: processes forget what they have read of them.
CREATE TABLE erasures (
    merchant_id TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);

-- What drivers sign in with: only hashes, each of one driver.
CREATE TABLE driver_sessions (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    driver_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT driver_sessions_hash UNIQUE (hash)
);

CREATE INDEX driver_sessions_driver ON driver_sessions (merchant_id, driver_id);

-- Orders that own vans, couriers and parcel carriers competed for, and who was chosen for each.
CREATE TABLE mode_waves (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    status TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX mode_waves_under_way ON mode_waves (merchant_id, created_at) WHERE status IN ('CHOOSING', 'BOOKING');

CREATE INDEX mode_waves_plan ON mode_waves (merchant_id, plan_id) WHERE plan_id <> '';

CREATE TABLE mode_choices (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    wave_id TEXT NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX mode_choices_wave ON mode_choices (merchant_id, wave_id, id);
