"""Showing: a plan as people take it with them: a picture, a file for a navigator, a table."""
