"""Wordings that an office has ready for its answers."""
