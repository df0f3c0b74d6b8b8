"""A leaflet as an accessible PDF, with QR codes drawn as vectors."""

import asyncio
import json
from importlib.resources import files
from io import BytesIO
from typing import Any

import segno
import typst
from segno.helpers import make_vcard_data

_TEMPLATE = (files("reception.leaflets") / "leaflet.typ").read_bytes()
_AT_A_TIME = asyncio.Semaphore(2)
"""Anybody may ask for a leaflet: the others of the service go on meanwhile."""


def of_link(link: str) -> str:
    """A QR code that leads to a page."""
    return _drawn(link)


def of_contact(name: str, phone: str, email: str, link: str) -> str:
    """A QR code that a phone keeps as a contact."""
    return _drawn(make_vcard_data(f";{name};;;", name, phone=phone or None, email=email or None, url=link))


def _drawn(said: str) -> str:
    file = BytesIO()
    segno.make(said, error="m", micro=False).save(file, kind="svg", border=2, dark="#121c4c")
    return file.getvalue().decode()


async def pdf(leaflet: dict[str, Any]) -> bytes:
    """PDF/UA-1."""
    async with _AT_A_TIME:
        return await asyncio.to_thread(_pdf, leaflet)


def _pdf(leaflet: dict[str, Any]) -> bytes:
    inputs = {"leaflet": json.dumps(leaflet, ensure_ascii=False)}
    made = typst.compile(_TEMPLATE, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])
    if not isinstance(made, bytes):
        raise TypeError("one document is asked for, and one is made")
    return made
