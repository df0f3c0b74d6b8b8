"""Every method of the contract as the isolation matrix asks it: a row a method, a file a service."""

from tests.isolation.rows import archives, cctv, identity, kit, reception
from tests.isolation.rows.declared import FILE, HEAD, ROWS, str_of

__all__ = ["FILE", "HEAD", "ROWS", "archives", "cctv", "identity", "kit", "reception", "str_of"]
