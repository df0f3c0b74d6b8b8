"""The event bus: NATS JetStream, one stream a service, subjects ev.<service>.<hromada>.<noun>.<verb>."""
