"""Tell: stores show what becomes of their orders."""
