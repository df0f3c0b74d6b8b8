"""The hromada's own map."""
