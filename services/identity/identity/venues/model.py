"""Venues as people find them."""

from datetime import date, datetime

from kit.database import HromadaRow, moment


class Venue(HromadaRow, table=True):
    """A room, its door and its way in. Where nobody has checked, nothing is said: None, not False."""

    title: str
    title_en: str = ""
    address: str
    address_en: str = ""
    locator: str = ""
    neutral_ground: bool | None = None
    own_entrance: bool | None = None
    steps: int | None = None
    ramp: bool | None = None
    accessible_toilet: bool | None = None
    hearing_loop: bool | None = None
    transport: str = ""
    distances: str = ""
    closed_on: date | None = None
    created_at: datetime = moment()
