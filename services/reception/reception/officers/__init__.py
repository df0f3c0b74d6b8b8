"""The officers' cards, as the hromada shows them to residents."""
