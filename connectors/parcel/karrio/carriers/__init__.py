"""The six dialects: one carrier each."""
