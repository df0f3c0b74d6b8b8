"""gRPC: the server's one chain of checks, the client, errors, paging, the feed."""

from kit.rpc.servicer import Servicer

__all__ = ["Servicer"]
