"""Notices."""

from kit.notices.tables import notice_tables

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    notice_tables()
