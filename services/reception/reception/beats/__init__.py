"""Beats: which officer serves which houses (MIA order 650)."""
