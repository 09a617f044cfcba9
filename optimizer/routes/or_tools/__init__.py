"""OR-Tools' routing library as an engine, for small days with rules that PyVRP does not know."""
