-- What goes together with one courier; later migrations change these tables, this file never changes.

CREATE TABLE stacks (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE stack_waits (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX stack_waits_location ON stack_waits (merchant_id, location_id) WHERE stack_id = '';

CREATE INDEX stack_waits_until ON stack_waits (merchant_id, until);

-- Bookings that ended here and stand with their carrier, or may do so, until that is cleared up.
ALTER TABLE legs ADD COLUMN doubted_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX legs_doubted ON legs (merchant_id, doubted_at) WHERE doubted_at IS NOT NULL;
