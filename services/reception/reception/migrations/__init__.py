"""Revisions of reception's database."""
