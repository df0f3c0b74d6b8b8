"""The cameras as a data set of the recommended structure."""
