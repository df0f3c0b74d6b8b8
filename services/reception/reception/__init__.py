"""Reception, the open door: what residents bring to the office, and what comes of it."""
