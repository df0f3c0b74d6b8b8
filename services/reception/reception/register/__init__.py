"""The hromada's register, from which each appeal has its registration index (CMU 348 of 14.04.1997)."""
