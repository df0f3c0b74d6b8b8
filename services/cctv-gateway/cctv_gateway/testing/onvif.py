"""A camera that speaks ONVIF, and ones that lie, for the tests: a server of HTTP in a process of its own.

python -m cctv_gateway.testing.onvif <port> <how it behaves>
"""

import struct
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import (
    AF_INET,
    IP_ADD_MEMBERSHIP,
    IPPROTO_IP,
    SO_REUSEADDR,
    SOCK_DGRAM,
    SOL_SOCKET,
    create_connection,
    if_nametoindex,
    inet_aton,
    socket,
)
from threading import Thread
from typing import Any
from urllib.parse import quote

from defusedxml import ElementTree
from kit.servers.process import free_port

from cctv_gateway.engine.discoverer import GROUP, PORT

USERNAME, PASSWORD = "onvif", "s3cret"
AHEAD = timedelta(seconds=90)
"""How far its clock goes before everybody's."""
_ENVELOPE = '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{}</e:Body></e:Envelope>'
_DENIED = (
    "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode></e:Code>"
    "</e:Fault>"
)
_UNKNOWN = "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code></e:Fault>"
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "'
    + "ha" * 100
    + '">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(8))
    + "]><b>&i;</b>"
)
_D, _M, _S = ("http://www.onvif.org/ver10/" + each for each in ("device/wsdl", "media/wsdl", "schema"))
_M2 = "http://www.onvif.org/ver20/media/wsdl"
_PROFILES = (("main", "H264", 1920, 1080, 25), ("sub", "H264", 640, 360, 10))


_NEWER = ("newer", "half-newer")
"""They have the newer service of media beside the older; the half-newer say so and answer nothing there."""


class Camera(BaseHTTPRequestHandler):
    """Answers the questions of ONVIF as it is told to."""

    behaviour = "honest"
    port = 0
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.behaviour == "redirecting":
            self.send_response(302)
            self.send_header("location", "http://169.254.169.254/latest/meta-data")
            self.send_header("content-length", "0")
            self.end_headers()
        elif self.behaviour == "endless":
            self._endless(b"<a>" * 4096, 0.0)
        elif self.behaviour == "trickling":
            self._endless(b" ", 0.5)
        elif self.behaviour == "bomb":
            self._say(200, _BOMB)
        elif self.behaviour == "digest" and not self._is_signed_by_header() and "GetSystemDateAndTime" not in asked:
            self.send_response(401)
            self.send_header("www-authenticate", 'Digest realm="camera", nonce="0123456789", qop="auth", algorithm=MD5')
            self.send_header("content-length", "0")
            self.end_headers()
        elif self.behaviour != "digest" and "GetSystemDateAndTime" not in asked and not _is_signed(asked):
            self._say(400, _ENVELOPE.format(_DENIED))
        else:
            self._answer(asked)

    def _answer(self, asked: str) -> None:
        here = f"127.0.0.1:{self.port}"
        if "GetSystemDateAndTime" in asked:
            now = datetime.now(UTC) + AHEAD
            told = (
                f'<GetSystemDateAndTimeResponse xmlns="{_D}" xmlns:s="{_S}"><SystemDateAndTime><s:UTCDateTime><s:Time>'
                f"<s:Hour>{now.hour}</s:Hour><s:Minute>{now.minute}</s:Minute><s:Second>{now.second}</s:Second></s:Time>"
                f"<s:Date><s:Year>{now.year}</s:Year><s:Month>{now.month}</s:Month><s:Day>{now.day}</s:Day></s:Date>"
                "</s:UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>"
            )
        elif "GetDeviceInformation" in asked:
            told = (
                f'<GetDeviceInformationResponse xmlns="{_D}"><Manufacturer>Зразок</Manufacturer><Model>Z-2</Model>'
                "<FirmwareVersion>1.4</FirmwareVersion><SerialNumber>00017</SerialNumber></GetDeviceInformationResponse>"
            )
        elif "GetServices" in asked and self.behaviour == "old":
            self._say(500, _ENVELOPE.format(_UNKNOWN))
            return
        elif "GetServices" in asked:
            media = "http://169.254.169.254/latest" if self.behaviour == "service-elsewhere" else f"http://{here}/media"
            newer = f"<Service><Namespace>{_M2}</Namespace><XAddr>http://{here}/media2</XAddr></Service>"
            told = (
                f'<GetServicesResponse xmlns="{_D}"><Service><Namespace>{_M}</Namespace>'
                f"<XAddr>{media}</XAddr></Service>{newer if self.behaviour in _NEWER else ''}</GetServicesResponse>"
            )
        elif "GetCapabilities" in asked:
            told = (
                f'<GetCapabilitiesResponse xmlns="{_D}" xmlns:s="{_S}"><Capabilities><s:Media>'
                f"<s:XAddr>http://{here}/media</s:XAddr></s:Media></Capabilities></GetCapabilitiesResponse>"
            )
        elif self.path == "/media2" and (_M2 not in asked or self.behaviour == "half-newer"):
            self._say(500, _ENVELOPE.format(_UNKNOWN))
            return
        elif self.path == "/media2" and "GetProfiles" in asked:
            each = "".join(
                f'<Profiles token="{token}"><Name>{token}</Name><Configurations><VideoEncoder>'
                "<s:Encoding>H265</s:Encoding>"
                f"<s:Resolution><s:Width>{width}</s:Width><s:Height>{height}</s:Height></s:Resolution>"
                f"<s:RateControl><s:FrameRateLimit>{rate}.0</s:FrameRateLimit></s:RateControl>"
                "</VideoEncoder></Configurations></Profiles>"
                for token, _, width, height, rate in _PROFILES
            )
            told = f'<GetProfilesResponse xmlns="{_M2}" xmlns:s="{_S}">{each}</GetProfilesResponse>'
        elif "GetProfiles" in asked:
            each = "".join(
                f'<Profiles token="{token}"><s:Name>{token}</s:Name><s:VideoEncoderConfiguration>'
                f"<s:Encoding>{encoding}</s:Encoding><s:Resolution><s:Width>{width}</s:Width><s:Height>{height}</s:Height>"
                f"</s:Resolution><s:RateControl><s:FrameRateLimit>{rate}</s:FrameRateLimit></s:RateControl>"
                "</s:VideoEncoderConfiguration></Profiles>"
                for token, encoding, width, height, rate in _PROFILES
            )
            told = f'<GetProfilesResponse xmlns="{_M}" xmlns:s="{_S}">{each}</GetProfilesResponse>'
        else:
            host = "example.org" if self.behaviour == "stream-elsewhere" else "127.0.0.1"
            name = "main" if ">main<" in asked else "sub"
            is_stream = "GetStreamUri" in asked
            uri = f"rtsp://{USERNAME}:{PASSWORD}@{host}:554/{name}" if is_stream else f"http://{here}/{name}.jpg"
            told = (
                f'<Response xmlns="{_M2}"><Uri>{uri}</Uri></Response>'
                if self.path == "/media2"
                else f'<Response xmlns="{_M}" xmlns:s="{_S}"><MediaUri><s:Uri>{uri}</s:Uri></MediaUri></Response>'
            )
        self._say(200, _ENVELOPE.format(told))

    def _is_signed_by_header(self) -> bool:
        said = self.headers.get("authorization", "")
        if not said.startswith("Digest "):
            return False
        parts = dict(each.strip().split("=", 1) for each in said[7:].split(","))
        told = {name: value.strip('"') for name, value in parts.items()}
        who = _md5(f"{USERNAME}:camera:{PASSWORD}")
        what = _md5(f"POST:{self.path}")
        return told["response"] == _md5(f"{who}:{told['nonce']}:{told['nc']}:{told['cnonce']}:auth:{what}")

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/soap+xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self, piece: bytes, pause: float) -> None:
        self.send_response(200)
        self.send_header("connection", "close")
        self.end_headers()
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None: ...


def _answer_who_looks(port: int) -> None:
    """WS-Discovery over the loopback; and before each honest answer some that nobody may believe."""
    with socket(AF_INET, SOCK_DGRAM) as listening:
        listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listening.bind((GROUP, PORT))
        membership = struct.pack("=4s4si", inet_aton(GROUP), b"", if_nametoindex("lo"))
        listening.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, membership)
        while True:
            asked, sender = listening.recvfrom(65_535)
            found = {each.tag.rpartition("}")[2]: each.text or "" for each in ElementTree.fromstring(asked).iter()}
            question, here = found["MessageID"], f"http://127.0.0.1:{port}/onvif/device_service"
            for lie in (
                _BOMB,
                "no XML",
                _match("urn:uuid:of-another-question", here, "A liar"),
                _match(question, "http://169.254.169.254/latest/meta-data", "A liar"),
                _match(question, "http://10.99.0.1/onvif/device_service", "A liar"),
                _match(question, "ftp://127.0.0.1/", "A liar"),
            ):
                listening.sendto(lie.encode(), sender)
            listening.sendto(_match(question, f"http://10.99.0.2/x {here}", "Біля школи").encode(), sender)


def _match(question: str, places: str, title: str) -> str:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">'
        f"<e:Header><a:RelatesTo>{question}</a:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<d:Scopes>onvif://www.onvif.org/hardware/Z-2 onvif://www.onvif.org/name/{quote(title)}</d:Scopes>"
        f"<d:XAddrs>{places}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
    )


@contextmanager
def speaking(behaviour: str = "honest") -> Iterator[int]:
    """Such a camera; tells its port."""
    port = free_port()
    command = [sys.executable, "-m", "cctv_gateway.testing.onvif", str(port), behaviour]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.communicate()


def _is_signed(asked: str) -> bool:
    """WS-UsernameToken by the camera's own clock."""
    said = {each.tag.rpartition("}")[2]: each.text or "" for each in ElementTree.fromstring(asked).iter()}
    if "Nonce" not in said or said["Username"] != USERNAME:
        return False
    signed = sha1(b64decode(said["Nonce"]) + said["Created"].encode() + PASSWORD.encode(), usedforsecurity=False)
    age = datetime.now(UTC) + AHEAD - datetime.fromisoformat(said["Created"])
    return b64encode(signed.digest()).decode() == said["Password"] and abs(age) < timedelta(seconds=5)


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


if __name__ == "__main__":
    Camera.port, Camera.behaviour = int(sys.argv[1]), sys.argv[2]
    Thread(target=_answer_who_looks, args=(Camera.port,), daemon=True).start()
    Thread(target=ThreadingHTTPServer(("127.0.0.1", Camera.port), Camera).serve_forever, daemon=True).start()
    sys.stdin.read()  # until whoever started it is gone, however that went
