-- Stores take turns at being told, and old webhooks are found without looking at all; later migrations change
-- these tables, this file never changes.

ALTER TABLE reports ALTER COLUMN due_at DROP NOT NULL;

UPDATE reports SET due_at = NULL, doc = jsonb_set(doc, '{due_at}', 'null') WHERE status = 'DONE';

DROP INDEX reports_due;

CREATE INDEX reports_due ON reports (store_id, due_at, id) WHERE due_at IS NOT NULL;

CREATE INDEX inbox_received ON inbox (merchant_id, received_at);

CREATE INDEX inbox_handled ON inbox (merchant_id, handled_at) WHERE handled_at IS NOT NULL;

-- A store that is being forgotten: about which orders is fixed when the notice comes.
UPDATE privacy_requests SET doc = doc || jsonb_build_object('orders_until', (
    SELECT coalesce(max(o.id), '') FROM orders o
    WHERE o.store_id = privacy_requests.store_id AND o.placed_at <= privacy_requests.received_at
)) WHERE kind = 'REDACT_STORE' AND status = 'WAITING';
