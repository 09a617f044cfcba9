"""Providers of messages that speak the real protocols: a Twilio, and a mail server."""
