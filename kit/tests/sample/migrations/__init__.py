"""Revisions of the sample's database."""
