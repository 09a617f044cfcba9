"""Documents: what carriers give us to print, kept for as long as it is of use."""
