"""Track: what carriers and vans report becomes one status, one position and one time of arrival."""
