"""Providers that write to people: e-mail, SMS and WhatsApp."""
