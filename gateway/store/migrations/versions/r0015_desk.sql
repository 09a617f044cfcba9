-- Who works for a merchant, who has which exception, and the queue in the order in which promises break; this file
-- never changes.

CREATE TABLE people (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX people_merchant ON people (merchant_id, id);

ALTER TABLE api_keys ADD COLUMN person_id TEXT;

CREATE INDEX api_keys_person ON api_keys (merchant_id, person_id) WHERE person_id IS NOT NULL;

DROP FUNCTION door_api_key(text);

-- When its promise breaks (the delivery's, else when an answer is due), and how bad it is, 0 for the worst.
ALTER TABLE incidents ADD COLUMN breaches_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE incidents ADD COLUMN severity_rank INTEGER;

ALTER TABLE incidents ADD COLUMN assignee_id TEXT;

UPDATE incidents SET
    breaches_at = coalesce((SELECT d.promised_by FROM deliveries d WHERE d.id = incidents.delivery_id), due_at),
    severity_rank = CASE severity WHEN 'CRITICAL' THEN 0 WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 ELSE 3 END;

ALTER TABLE incidents ALTER COLUMN breaches_at SET NOT NULL;

ALTER TABLE incidents ALTER COLUMN severity_rank SET NOT NULL;

-- What is over is many times what is not: the queue's indexes hold what is not.
DROP INDEX incidents_due;

CREATE INDEX incidents_due ON incidents (merchant_id, due_at, id) WHERE status <> 'RESOLVED';

CREATE INDEX incidents_breach ON incidents (merchant_id, breaches_at, id) WHERE status <> 'RESOLVED';

CREATE INDEX incidents_worst ON incidents (merchant_id, severity_rank, id) WHERE status <> 'RESOLVED';

CREATE INDEX incidents_in_hand ON incidents (merchant_id, assignee_id, breaches_at, id) WHERE status <> 'RESOLVED';

CREATE INDEX incidents_raised ON incidents (merchant_id, raised_at, id);
