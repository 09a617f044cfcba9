"""Plans: asked for, solved, kept, looked at and published."""
