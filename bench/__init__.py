"""How fast the house is, always beside something else measured in the same minutes: `make bench`."""
