"""Cameras, and where their pictures come from."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import ARRAY, Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from cctv_gateway.cameras.rules import Dossier, Owner, Recognition, State
from cctv_gateway.engine.addresses import Kind


class Camera(HromadaRow, table=True):
    """A camera and its dossier."""

    state: State = Field(default=State.DRAFT, sa_type=Text)
    suspended_because: str = ""
    created_at: datetime = moment()
    connected_at: datetime | None = moment(default=None)
    title: str
    address: str
    latitude: float | None = None
    longitude: float | None = None
    direction: int | None = None
    angle: int | None = None
    range: int | None = None
    owner: Owner = Field(sa_type=Text)
    owner_name: str
    agreement_number: str
    agreement_from: date | None = None
    agreement_until: date | None = None
    purpose: str
    regulation_act: str
    regulation_number: str
    regulation_adopted_on: date | None = None
    regulation_until: date | None = None
    retention_limit_hours: int
    sign_posted_on: date | None = None
    retention_hours: int | None = None
    masks: list[list[list[int]]] = Field(sa_column=Column(JSONB))
    masks_itself: bool
    unmasked_ground: str = ""
    recognises: list[str] = Field(sa_column=Column(ARRAY(Text)))
    recognition_ground: str
    inventory_number: str
    model: str
    installed_on: date | None = None
    always_on: bool

    @property
    def dossier(self) -> Dossier:
        values: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(Dossier)}
        return Dossier(**{**values, "recognises": [Recognition(each) for each in self.recognises]})


class CameraSource(HromadaRow, table=True):
    """Where a camera's picture comes from. Addresses and login are sealed: an address may hold what opens it."""

    __tablename__ = "camera_source"

    camera_id: UUID
    kind: Kind = Field(sa_type=Text)
    host: str
    """For people to know it by."""
    has_sub_stream: bool
    has_login: bool
    sealed: bytes
