"""How a hromada comes to a service: the template that the service brings, read strictly, applied once in effect."""

from kit.tenancy.template import Contents, Fault, Faulty, Piece, Template

__all__ = ["Contents", "Fault", "Faulty", "Piece", "Template"]
