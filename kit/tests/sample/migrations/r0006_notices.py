"""Notices."""

from kit.notices.tables import notice_tables

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    notice_tables()
