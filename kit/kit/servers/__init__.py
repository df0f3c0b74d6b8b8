"""Real servers from wheels, for one machine and for tests: PostgreSQL, NATS, a browser."""
