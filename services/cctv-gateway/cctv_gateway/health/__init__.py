"""How cameras fare, and what is wrong with them, in words for whoever is on duty."""
