"""What comes to an office and is no appeal."""
