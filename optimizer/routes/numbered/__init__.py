"""The problem in whole seconds and numbered places, as every search reads it."""
