"""Mending: what is done about an incident, step by step, by a machine under its caps, else by a person."""
