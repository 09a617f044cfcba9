-- What merchants want done about exceptions; this file never changes.

CREATE TABLE playbooks (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX playbooks_live ON playbooks (merchant_id, id) WHERE archived_at IS NULL;
