"""WooCommerce: our plugin asks, chooses, and says what is wrong in words that a merchant understands."""
