"""A service as small as one can be: hromadas' notes, for the kit's own tests to stand on."""
