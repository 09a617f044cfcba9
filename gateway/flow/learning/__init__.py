"""Learn: what carriers do is counted, and the next ranking leans on it."""
