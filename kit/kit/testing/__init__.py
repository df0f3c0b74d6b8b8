"""What tests stand on: real PostgreSQL, real NATS, a migrated database, a served service, tokens of a real issuer."""
