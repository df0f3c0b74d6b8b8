"""A person at the issuer's pages, without a browser: reads the forms, fills them in, sends them."""

import base64
import hashlib
import secrets
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
from kit.servers.process import ServerTrouble


class Form(HTMLParser):
    """The first form of a page that posts."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action = str(page.url)
        self.fields: list[tuple[str, str, str]] = []
        self._address = str(page.url)
        self._is_inside = False
        self._is_read = False
        self.feed(page.text)
        if not self._is_read:
            raise ServerTrouble(f"{page.url} has no form: {page.status_code}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes the form's address and what it asks for."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post" and not self._is_read:
            self._is_inside = self._is_read = True
            self.action = urljoin(self._address, given.get("action", ""))
        elif tag == "input" and self._is_inside and given.get("name"):
            self.fields.append((given["name"], given.get("type", "text"), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Leaves the form."""
        if tag == "form":
            self._is_inside = False

    def filled(self, answers: dict[str, str]) -> dict[str, str]:
        """The form's fields with the answers, by the field's type, put in."""
        return {name: answers.get(kind, value) for name, kind, value in self.fields}


async def accept_invitation(url: str, password: str) -> None:
    """Opens the one-time link and sets the password. A link that was used before has done its work."""
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as visitor:
        page = await visitor.get(url)
        if page.status_code == httpx.codes.GONE:
            return
        form = Form(page)
        done = await visitor.post(form.action, data=form.filled({"password": password}))
        if done.is_error:
            raise ServerTrouble(f"The invitation was not accepted: {done.status_code} {done.url}")


async def sign_in(
    issuer: str, client: tuple[str, str], back_to: str, email: str, password: str, hromada: str = ""
) -> str:
    """Signs in with code and PKCE through the issuer's pages, as a client that is told the code; an access token.

    Args:
        issuer: where to sign in.
        client: the portal's client id and secret.
        back_to: the client's registered redirect URI.
        email: who.
        password: their password.
        hromada: the slug of the hromada that the token is for; none for an operator.
    """
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    question = {
        "response_type": "code",
        "client_id": client[0],
        "redirect_uri": back_to,
        "scope": f"openid organization:{hromada}" if hromada else "openid",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    async with httpx.AsyncClient(trust_env=False) as visitor:
        known = (await visitor.get(f"{issuer}/.well-known/openid-configuration")).raise_for_status().json()
        page = await visitor.get(f"{known['authorization_endpoint']}?{urlencode(question)}")
        page = await _follow(visitor, page, back_to)
        if not _is_back(page, back_to):
            form = Form(page)
            page = await visitor.post(form.action, data=form.filled({"email": email, "password": password}))
            page = await _follow(visitor, page, back_to)
        if not _is_back(page, back_to):
            raise ServerTrouble(f"{email} cannot sign in: {page.status_code} {page.url}")
        code = parse_qs(urlsplit(_next(page)).query)["code"][0]
        form_data = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": verifier,
        }
        token = await visitor.post(known["token_endpoint"], data=form_data, auth=client)
        return str(token.raise_for_status().json()["access_token"])


async def _follow(visitor: httpx.AsyncClient, page: httpx.Response, back_to: str) -> httpx.Response:
    """Goes where it is sent, up to the redirect that leads back to the client, which is not followed."""
    while page.is_redirect and not _is_back(page, back_to):
        page = await visitor.get(_next(page))
    return page


def _is_back(page: httpx.Response, back_to: str) -> bool:
    return page.is_redirect and _next(page).startswith(back_to)


def _next(page: httpx.Response) -> str:
    return urljoin(str(page.url), page.headers["location"])
