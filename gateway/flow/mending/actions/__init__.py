"""One file for each thing that a step can do; each calls what the house does already."""
