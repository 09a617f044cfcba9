-- What follows a choice; later migrations change these tables, this file never changes.

CREATE INDEX choices_quote_set ON choices (merchant_id, (doc ->> 'quote_set_id'));
