"""Several gateways share the cameras: each camera is read by one of them, under an epoch."""
