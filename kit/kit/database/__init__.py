"""The seam to PostgreSQL: one transaction a call, hromada and person set with its start, rows under forced RLS."""

from kit.database.session import GATE, PLACE, Database, Prepared, Repeated, Session, inserted, table_of
from kit.database.tables import HromadaRow, PlatformRow, Row, moment

__all__ = [
    "GATE",
    "PLACE",
    "Database",
    "HromadaRow",
    "PlatformRow",
    "Prepared",
    "Repeated",
    "Row",
    "Session",
    "inserted",
    "moment",
    "table_of",
]
