"""The seam to PostgreSQL: one transaction a call, hromada and person set with its start, rows under forced RLS."""

from kit.database.session import Database, Prepared, Session, table_of
from kit.database.tables import HromadaRow, PlatformRow, Row, moment

__all__ = ["Database", "HromadaRow", "PlatformRow", "Prepared", "Row", "Session", "moment", "table_of"]
