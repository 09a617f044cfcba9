"""Reads for the API: lists by page, many things by id, what belongs to things. No writes here."""
