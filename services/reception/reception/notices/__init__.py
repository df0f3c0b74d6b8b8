"""What reception tells people, and what staff see and change of it."""
