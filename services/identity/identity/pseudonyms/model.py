"""The key of one person's pseudonym in one hromada, sealed by the vault."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment


class PseudonymKey(HromadaRow, table=True):
    __tablename__ = "pseudonym_key"

    person_id: UUID
    sealed: bytes
    created_at: datetime = moment()
