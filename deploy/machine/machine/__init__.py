"""All of Spilno on one machine."""
