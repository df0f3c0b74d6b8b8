"""Photos of hazards: sent before the report that names them, or fetched from where another system keeps them."""
