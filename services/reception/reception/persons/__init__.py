"""A person's own data (Law 2297-VI): shown to them, corrected, erased by rule."""
