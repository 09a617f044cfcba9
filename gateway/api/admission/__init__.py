"""Whether a document may run: how large it is, who asks, what it costs."""
