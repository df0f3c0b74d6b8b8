"""Footage handed over to the police or a court: asked for, approved by another, signed, and each step of it kept."""
