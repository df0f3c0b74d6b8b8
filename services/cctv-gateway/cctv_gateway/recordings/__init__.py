"""Recordings: what is kept of a camera's picture, for how long, and who may see it."""
