"""Outgoing webhooks on the wire: signed as Standard Webhooks has it, sent to where a guard allows."""
