"""Shoppers are told of their deliveries by e-mail, SMS and WhatsApp."""
