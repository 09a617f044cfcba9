"""Where visits fit into tours at the least cost, over arrays of slack; the first plan."""
