"""A part of a day as a PyVRP 0.14 model, and its answer as tours."""
