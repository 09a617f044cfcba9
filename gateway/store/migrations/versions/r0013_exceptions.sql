CREATE INDEX incidents_past ON incidents (merchant_id, subject, kind, raised_at);
