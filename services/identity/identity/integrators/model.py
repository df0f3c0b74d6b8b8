"""Clients of municipal systems, each of one hromada."""

from datetime import datetime

from kit.database import HromadaRow, moment


class Integrator(HromadaRow, table=True):
    """A client of the contract with credentials of its own."""

    slug: str
    display_name: str
    secret_digest: bytes
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)
