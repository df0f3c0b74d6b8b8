"""Every method of the contract as the isolation matrix asks it: a row a method, a file a service."""

from tests.isolation.rows import archives, cctv, hazards, identity, kit, reception
from tests.isolation.rows.declared import BY_SIZE, HEAD, ROWS, str_of

__all__ = ["BY_SIZE", "HEAD", "ROWS", "archives", "cctv", "hazards", "identity", "kit", "reception", "str_of"]
