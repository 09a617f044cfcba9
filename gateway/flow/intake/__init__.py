"""In and keep: what stores say becomes our orders, and nothing of it is lost."""
