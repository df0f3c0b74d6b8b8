"""The trail of a hromada: who saw or changed what, from every service, sealed in a chain."""
