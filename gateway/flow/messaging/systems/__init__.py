"""Systems of a merchant are told by outgoing webhooks."""
