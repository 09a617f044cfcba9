"""Telling people and their systems: what happened, by the ways that they asked for."""
