"""Looking at cameras: who, why, from when to when."""
