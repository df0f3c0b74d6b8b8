"""Who answers for a hromada's personal data, from which day on."""

from datetime import date, datetime

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from identity.controllers.rules import Body


class Controller(HromadaRow, table=True):
    """Controller, processor and ground; never changed: a transfer is a new row."""

    controller: Body = Field(sa_type=Text)
    controller_title: str
    processor: Body = Field(sa_type=Text)
    processor_title: str
    basis: str
    since: date
    created_at: datetime = moment()
