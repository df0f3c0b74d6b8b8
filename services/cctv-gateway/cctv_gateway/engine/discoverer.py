"""A process that asks the network which cameras there are (WS-Discovery, as ONVIF has it), and ends.

python -m cctv_gateway.engine.discoverer: told on its input in which networks it may find any, it says on its output
which answered, as JSON. The library that there is believes every answer, and entities blow up its parser.
"""

import json
import resource
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from ipaddress import ip_address, ip_network
from urllib.parse import unquote
from uuid import uuid4
from xml.etree.ElementTree import Element, ParseError

import ifaddr
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from kit.networks import Network

from cctv_gateway.engine.addresses import OVER_HTTP, Address, UnfitAddress, taken_apart
from cctv_gateway.engine.profiles import Found
from kit import processes

GROUP, PORT = "239.255.255.250", 3702
LASTS = 2.5
"""Seconds for which answers are waited for; a device may take half a second before it gives its own."""
_ASKED_EACH = 0.6
_MOST = 256
_MOST_HEARD = 4096
_LARGEST = 32 << 10
_LONGEST = 120
_CPU_SECONDS = 5
_MEMORY = 512 << 20
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_QUESTION = (
    f'<s:Envelope xmlns:s="{_SOAP}" xmlns:a="{_ADDRESSING}" xmlns:d="{_DISCOVERY}"><s:Header>'
    "<a:MessageID>{}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    f"<a:Action>{_DISCOVERY}/Probe</a:Action></s:Header><s:Body><d:Probe>"
    '<d:Types xmlns:n="http://www.onvif.org/ver10/network/wsdl">n:NetworkVideoTransmitter</d:Types>'
    "</d:Probe></s:Body></s:Envelope>"
)
_SCOPE = "onvif://www.onvif.org/"


async def discover(networks: Sequence[Network]) -> list[Found]:
    """The cameras that answer in these networks, in the order of their addresses. Nobody else is believed.

    Raises:
        TimeoutError, ValueError: the process that asks has failed.
    """
    heard = await processes.answer(
        "cctv_gateway.engine.discoverer", [str(each) for each in networks], within=LASTS + 10
    )
    return [Found(**each) for each in heard]


def found_in(datagram: bytes, sender: str, question: str, networks: Sequence[Network]) -> Iterator[Found]:
    """The devices of an answer to a question, if it comes from where devices may be and names itself."""
    if not _lies_in(sender, networks):
        return
    try:
        told = fromstring(datagram, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return
    if (told.findtext(f".//{{{_ADDRESSING}}}RelatesTo") or "").strip() != question:
        return
    for each in told.iterfind(f".//{{{_DISCOVERY}}}ProbeMatch"):
        places = [place for text in _words(each, "XAddrs") if (place := _place(text)) is not None]
        own = next((place for place in places if place.host == sender), None)
        if own is not None:
            scopes = _words(each, "Scopes")
            yield Found(own.url, _scope(scopes, "name"), _scope(scopes, "hardware"))


def _lies_in(host: str, networks: Sequence[Network]) -> bool:
    address = ip_address(host)
    return any(address in each for each in networks)


def _place(text: str) -> Address | None:
    try:
        return taken_apart(text, OVER_HTTP)
    except UnfitAddress:
        return None


def _words(match: Element, name: str) -> list[str]:
    return (match.findtext(f"{{{_DISCOVERY}}}{name}") or "").split()


def _scope(scopes: Sequence[str], name: str) -> str:
    """What a device says of itself under a name, without what no page could show."""
    said = next((each for each in scopes if each.startswith(f"{_SCOPE}{name}/")), "")
    text = unquote(said.removeprefix(f"{_SCOPE}{name}/"))
    return "".join(each for each in text if each.isprintable()).strip()[:_LONGEST]


def _asked(networks: Sequence[Network]) -> list[Found]:
    question = f"urn:uuid:{uuid4()}"
    found = dict[str, Found]()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("", 0))
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
        until, next_at = time.monotonic() + LASTS, 0.0
        for _ in range(_MOST_HEARD):
            now = time.monotonic()
            if now >= next_at:
                _ask(asking, _QUESTION.format(question).encode())
                next_at = now + _ASKED_EACH
            if now >= until or len(found) >= _MOST:
                break
            asking.settimeout(max(0.01, min(next_at, until) - now))
            with suppress(TimeoutError):
                datagram, (sender, _) = asking.recvfrom(_LARGEST)
                found |= {each.address: each for each in found_in(datagram, sender, question, networks)}
    return sorted(found.values(), key=lambda each: _number(each.address))


def _ask(asking: socket.socket, question: bytes) -> None:
    """Puts the question to each network that the machine is in."""
    addresses = [each.ip for adapter in ifaddr.get_adapters() for each in adapter.ips]
    for own in (each for each in addresses if isinstance(each, str)):
        with suppress(OSError):
            asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
            asking.sendto(question, (GROUP, PORT))


def _number(address: str) -> int:
    return int(ip_address(taken_apart(address, OVER_HTTP).host))


def main() -> None:
    """The process."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    networks = [ip_network(each) for each in json.load(sys.stdin)]
    json.dump([asdict(each) for each in _asked(networks)], sys.stdout)


if __name__ == "__main__":
    main()
