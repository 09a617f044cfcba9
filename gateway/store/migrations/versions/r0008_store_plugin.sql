-- Which stores stand at an address; this file never changes.

CREATE FUNCTION door_stores_at(given_platform text, given_url text) RETURNS TABLE (id text, merchant_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT s.id, s.merchant_id FROM stores s
   WHERE s.platform = given_platform AND lower(s.doc ->> 'url') = lower(given_url) ORDER BY s.id $$;

-- What a shopper chose before, found when they change their mind.
CREATE INDEX choices_cart ON choices (merchant_id, (doc ->> 'cart_id')) WHERE order_id IS NULL;

-- The order that a shopper asks for by the number on the receipt, in either case.
CREATE INDEX orders_number ON orders (store_id, lower(number));
