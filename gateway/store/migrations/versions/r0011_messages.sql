-- Systems and people that are told; this file never changes.

-- Where merchants' systems are called; `sealed` holds what signs the calls.
CREATE TABLE webhook_endpoints (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    sealed BYTEA,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE webhook_calls (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

-- Whose turn it is, of all merchants.
CREATE INDEX webhook_calls_due ON webhook_calls (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX webhook_calls_waiting ON webhook_calls (endpoint_id, due_at) WHERE due_at IS NOT NULL;

-- What each endpoint was told last of something.
CREATE INDEX webhook_calls_subject ON webhook_calls (subject_id, created_at);

CREATE INDEX webhook_calls_message ON webhook_calls (endpoint_id, message_id);

CREATE INDEX webhook_calls_failed ON webhook_calls (endpoint_id, created_at) WHERE status = 'FAILED';

CREATE INDEX webhook_calls_created ON webhook_calls (merchant_id, created_at);

CREATE TABLE webhook_attempts (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX webhook_attempts_log ON webhook_attempts (endpoint_id, sent_at, id);

CREATE INDEX webhook_attempts_call ON webhook_attempts (call_id);

CREATE INDEX webhook_attempts_sent ON webhook_attempts (merchant_id, sent_at);

-- The outbox to shoppers: nobody is told twice of one thing by one way.
CREATE TABLE notices (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    event TEXT NOT NULL,
    occasion TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    status TEXT NOT NULL,
    account_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT notices_once UNIQUE (delivery_id, event, occasion, channel, recipient_key)
);

CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX notices_taken ON notices (account_id, provider_id) WHERE provider_id <> '';

CREATE INDEX notices_recipient ON notices (merchant_id, recipient_key, sent_at);

CREATE INDEX notices_unsettled ON notices (merchant_id, sent_at) WHERE status = 'TAKEN';

CREATE INDEX notices_created ON notices (merchant_id, created_at);

CREATE TABLE notice_templates (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

-- Digests of who gets nothing by a channel: they outlast what is known of the shopper.
CREATE TABLE suppressions (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE consents (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX consents_recipient ON consents (merchant_id, recipient_key, channel, at);

CREATE TABLE notice_accounts (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    sealed BYTEA,
    doc JSONB NOT NULL,
    PRIMARY KEY (id)
);

-- What shopper, driver and desk write to one another.
CREATE TABLE thread_messages (
    id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    key TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    doc JSONB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT thread_messages_once UNIQUE (delivery_id, key)
);

CREATE INDEX thread_messages_thread ON thread_messages (delivery_id, sent_at, id);

CREATE INDEX thread_messages_sent ON thread_messages (merchant_id, sent_at);
