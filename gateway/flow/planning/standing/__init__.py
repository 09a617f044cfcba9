"""Tours as they stand: read, asked about, changed."""
