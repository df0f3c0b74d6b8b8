"""What a camera tells of itself over ONVIF: what it is, what its clock shows, and which streams it has."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from kit.networks import Network

from cctv_gateway.engine.addresses import OVER_HTTP, SCHEMES, Address, Kind, UnfitAddress, taken_apart
from cctv_gateway.engine.profiles import Profile, Told
from cctv_gateway.engine.soap import Fault, Soap
from cctv_gateway.engine.troubles import Cause, Trouble

MOST_PROFILES = 16
_LONGEST = 120
_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = "http://www.onvif.org/ver10/media/wsdl"
_MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
"""What newer cameras tell of H.265 in: the older service knows no such thing."""
_SCHEMA = "http://www.onvif.org/ver10/schema"
_ENCODER = f"{{{_SCHEMA}}}VideoEncoderConfiguration"
_SETUP = (
    f'<StreamSetup><Stream xmlns="{_SCHEMA}">RTP-Unicast</Stream>'
    f'<Transport xmlns="{_SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
)


def asked(device: Address, allowed: Sequence[Network], username: str, password: str) -> Told:
    """Asks a camera about itself.

    Raises:
        Trouble: it does not answer, wants another sign-in, or leads elsewhere.
    """
    with closing(Soap(device, allowed, username, password)) as soap:
        try:
            ahead = _seconds_ahead(soap, device)
            what = soap.ask(device, f'<GetDeviceInformation xmlns="{_DEVICE}"/>')
            profiles = _profiles(soap, _services(soap, device))
        except Fault:
            raise Trouble(Cause.BROKEN) from None
    if not profiles:
        raise Trouble(Cause.NO_PICTURE)
    return Told(
        manufacturer=_text(what, f"{{{_DEVICE}}}Manufacturer"),
        model=_text(what, f"{{{_DEVICE}}}Model"),
        serial_number=_text(what, f"{{{_DEVICE}}}SerialNumber"),
        firmware=_text(what, f"{{{_DEVICE}}}FirmwareVersion"),
        seconds_ahead=ahead,
        profiles=profiles,
    )


def _seconds_ahead(soap: Soap, device: Address) -> float | None:
    """Reads the camera's clock, by which what follows is signed."""
    asked_at = datetime.now(UTC)
    try:
        told = soap.ask(device, f'<GetSystemDateAndTime xmlns="{_DEVICE}"/>', signed=False)
    except Fault:
        return None
    heard_at = datetime.now(UTC)
    shown = told.find(f".//{{{_SCHEMA}}}UTCDateTime")
    if shown is None:
        return None
    day, time = shown.find(f"{{{_SCHEMA}}}Date"), shown.find(f"{{{_SCHEMA}}}Time")
    if day is None or time is None:
        return None
    year, month, date = (_number(day, each) for each in ("Year", "Month", "Day"))
    hour, minute, second = (_number(time, each) for each in ("Hour", "Minute", "Second"))
    try:
        there = datetime(year, month, date, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    soap.ahead = there - (asked_at + (heard_at - asked_at) / 2)
    return soap.ahead.total_seconds()


def _profiles(soap: Soap, services: Mapping[str, str]) -> list[Profile]:
    """What the camera offers: by the newer service, and by the older one where the newer fails or is not there."""
    if _MEDIA2 in services:
        try:
            media = _place(soap, services[_MEDIA2])
            told = soap.ask(media, f'<GetProfiles xmlns="{_MEDIA2}"><Type>VideoEncoder</Type></GetProfiles>')
            found = told.findall(f"{{{_MEDIA2}}}Profiles")
            return [_profile(soap, media, _MEDIA2, each) for each in found[:MOST_PROFILES]]
        except Fault:
            if _MEDIA not in services:
                raise
    if _MEDIA not in services:
        raise Trouble(Cause.NO_PICTURE)
    media = _place(soap, services[_MEDIA])
    found = soap.ask(media, f'<GetProfiles xmlns="{_MEDIA}"/>').findall(f"{{{_MEDIA}}}Profiles")
    return [_profile(soap, media, _MEDIA, each) for each in found[:MOST_PROFILES]]


def _services(soap: Soap, device: Address) -> dict[str, str]:
    """Where the camera tells of its streams, by namespace. Old ones know one question, newer ones the other."""
    try:
        services = soap.ask(
            device, f'<GetServices xmlns="{_DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
        )
        return {
            _text(each, f"{{{_DEVICE}}}Namespace"): _text(each, f"{{{_DEVICE}}}XAddr")
            for each in services.findall(f"{{{_DEVICE}}}Service")
        }
    except Fault:
        told = soap.ask(device, f'<GetCapabilities xmlns="{_DEVICE}"><Category>Media</Category></GetCapabilities>')
        places = [each.text or "" for each in told.iterfind(f".//{{{_SCHEMA}}}Media/{{{_SCHEMA}}}XAddr")]
        return dict.fromkeys([_MEDIA], places[0]) if places else {}


def _place(soap: Soap, text: str) -> Address:
    """A service's address, if it is the device's own.

    Raises:
        Trouble: it leads elsewhere.
    """
    try:
        found = taken_apart(text.strip(), OVER_HTTP)
    except UnfitAddress:
        raise Trouble(Cause.LEADS_AWAY) from None
    if not soap.is_here(found.host):
        raise Trouble(Cause.LEADS_AWAY)
    return found


def _profile(soap: Soap, media: Address, service: str, said: Element) -> Profile:
    token = said.get("token", "")
    if not 0 < len(token) <= _LONGEST:
        raise Trouble(Cause.BROKEN)
    is_newer = service == _MEDIA2
    encoder = said.find(f"{{{_MEDIA2}}}Configurations/{{{_MEDIA2}}}VideoEncoder" if is_newer else _ENCODER)
    size = encoder.find(f"{{{_SCHEMA}}}Resolution") if encoder is not None else None
    rate = encoder.find(f"{{{_SCHEMA}}}RateControl") if encoder is not None else None
    stream = soap.ask(
        media,
        f'<GetStreamUri xmlns="{service}">{"<Protocol>RTSP</Protocol>" if is_newer else _SETUP}'
        f"<ProfileToken>{escape(token)}</ProfileToken></GetStreamUri>",
    )
    try:
        snapshot = soap.ask(
            media, f'<GetSnapshotUri xmlns="{service}"><ProfileToken>{escape(token)}</ProfileToken></GetSnapshotUri>'
        )
        snapshot_url = _own(soap, _uri(snapshot, service), OVER_HTTP)
    except Fault:
        snapshot_url = ""
    return Profile(
        token=token,
        title=_text(said, f"{{{_MEDIA2 if is_newer else _SCHEMA}}}Name") or token,
        encoding=_text(encoder, f"{{{_SCHEMA}}}Encoding"),
        width=_number(size, "Width"),
        height=_number(size, "Height"),
        frames_per_second=_number(rate, "FrameRateLimit"),
        url=_own(soap, _uri(stream, service), SCHEMES[Kind.RTSP]),
        snapshot_url=snapshot_url,
    )


def _own(soap: Soap, url: str, ports: Mapping[str, int]) -> str:
    """An address of the camera itself, without the sign-in that some write into it.

    Raises:
        Trouble: it is another's, or none.
    """
    try:
        parts = urlsplit(url.strip())
        found = taken_apart(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), ports)
    except (ValueError, UnfitAddress):
        raise Trouble(Cause.LEADS_AWAY) from None
    if not soap.is_here(found.host):
        raise Trouble(Cause.LEADS_AWAY)
    return found.url


def _uri(answer: Element, service: str) -> str:
    within = _MEDIA2 if service == _MEDIA2 else _SCHEMA
    return next((each.text or "" for each in answer.iter(f"{{{within}}}Uri")), "")


def _text(element: Element | None, path: str) -> str:
    """What stands at a path, without what no page could show."""
    found = element.findtext(path) if element is not None else None
    return "".join(each for each in (found or "").strip() if each.isprintable())[:_LONGEST]


def _number(element: Element | None, name: str) -> int:
    text = _text(element, f"{{{_SCHEMA}}}{name}").partition(".")[0]
    return int(text) if text.isdecimal() and len(text) <= 6 else 0
