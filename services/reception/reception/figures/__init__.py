"""What everybody may know of an office's work."""
