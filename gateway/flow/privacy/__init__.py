"""Privacy: people's data is handed over, or forgotten, when they ask."""
