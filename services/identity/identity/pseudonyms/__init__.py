"""Pseudonyms: how the trail of a hromada knows its people, for as long as their keys are kept."""
