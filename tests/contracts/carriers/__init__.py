"""The carriers that the contract suite runs over: one file each."""
