-- What a store's checkout was shown; this file never changes.

ALTER TABLE quote_sets ADD COLUMN cart_key TEXT;

CREATE INDEX quote_sets_cart ON quote_sets (merchant_id, cart_key, asked_at) WHERE cart_key IS NOT NULL;
