"""Photos of the signs that tell passers-by of cameras."""
