import base64
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from kit.servers.process import ServerTrouble
from machine import pages

BACK_TO = "http://localhost:9/callback"
SIGN_IN = """
<form method="get" action="/search"><input name="q"></form>
<form method="post" action="/sign-in"><input type="hidden" name="csrf" value="c">
<input type="email" name="login"><input type="password" name="secret"></form>
"""


class Issuer(BaseHTTPRequestHandler):
    """As an issuer looks from outside: a form, a cookie, a code, and PKCE that is checked."""

    asked: dict[str, list[str]]

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == "/.well-known/openid-configuration":
            me = f"http://{self.headers['Host']}"
            self.say(json.dumps({"authorization_endpoint": f"{me}/authorize", "token_endpoint": f"{me}/token"}))
        elif where.path == "/authorize" and "signed=in" in self.headers.get("Cookie", ""):
            self.go(f"{BACK_TO}?{urlencode({'code': 'the code', 'state': self.asked['state'][0]})}")
        elif where.path == "/authorize":
            type(self).asked = parse_qs(where.query)
            self.go("/sign-in")
        else:
            self.say(SIGN_IN)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path == "/token":
            hashed = hashlib.sha256(form["code_verifier"][0].encode()).digest()
            assert base64.urlsafe_b64encode(hashed).decode().rstrip("=") == self.asked["code_challenge"][0]
            assert base64.b64decode(self.headers["Authorization"].split()[1]) == b"svc.web:client secret"
            self.say(json.dumps({"access_token": "the token"}))
        elif form == {"csrf": ["c"], "login": ["head@example.org"], "secret": ["right"]}:
            self.go("/authorize", cookie="signed=in")
        else:
            self.say(SIGN_IN)

    def say(self, body: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def go(self, where: str, cookie: str = "") -> None:
        self.send_response(303)
        self.send_header("Location", where)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_person_signs_in_through_the_pages_and_the_client_gets_the_token(issuer: str) -> None:
    client = ("svc.web", "client secret")
    assert await pages.sign_in(issuer, client, BACK_TO, "head@example.org", "right") == "the token"


async def test_a_wrong_password_is_told_plainly(issuer: str) -> None:
    with pytest.raises(ServerTrouble, match="cannot sign in"):
        await pages.sign_in(issuer, ("svc.web", "client secret"), BACK_TO, "head@example.org", "wrong")
