"""Cameras and their dossiers."""
