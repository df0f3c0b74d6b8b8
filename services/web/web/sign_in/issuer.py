"""Web as a client of the issuer: code and PKCE for people, renewal, the end of a session. Any OIDC issuer will do."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from kit.clock import Clock
from kit.errors import Away

from web.sessions.sessions import Ended, Tokens

_KEPT_SECONDS = 600.0
_ALGORITHMS = ["ES256", "RS256"]


class Refused(Exception):
    """The issuer, or what came in its name, did not let the person in."""


@dataclass(frozen=True)
class Asked:
    """One question to the issuer, to be remembered until the answer comes."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> "Asked":
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


class Issuer:
    """The issuer, as its discovery document describes it."""

    def __init__(self, url: str, client: tuple[str, str], redirect_uri: str, clock: Clock) -> None:
        self.url = url.rstrip("/")
        self._client_id, self._client_secret = client
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=5, trust_env=False)
        self._known: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._fetched = 0.0

    async def close(self) -> None:
        await self._http.aclose()

    async def question(self, asked: Asked, scope: str, language: str, *, anew: bool = False) -> str:
        """The address at the issuer where the person answers who they are; `anew` even if it knows them already."""
        known = await self._discovered()
        challenge = urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": scope,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
            **({"prompt": "login"} if anew else {}),
        }
        return f"{known['authorization_endpoint']}?{urlencode(query)}"

    async def is_from(self, iss: str) -> bool:
        """RFC 9207: an answer that says whom it is from must be from this issuer."""
        known = await self._discovered()
        if not iss:
            return known.get("authorization_response_iss_parameter_supported") is not True
        return iss == str(known["issuer"])

    async def redeem(self, code: str, asked: Asked) -> tuple[str, Tokens]:
        """Trades the code for tokens, and tells who it is.

        Raises:
            Refused: the code or the id token does not hold.
            Away: the issuer does not answer.
        """
        answer = await self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": asked.verifier,
            }
        )
        if answer is None:
            raise Refused
        claims = await self._verified(answer.get("id_token", ""))
        if claims.get("nonce") != asked.nonce:
            raise Refused
        return str(claims["sub"]), _tokens(answer, refresh="", id_token="")

    async def renew(self, refresh: str, id_token: str) -> Tokens:
        """New tokens for a refresh token.

        Raises:
            Ended: the issuer does not renew it any more.
            Away: the issuer does not answer.
        """
        answer = await self._token({"grant_type": "refresh_token", "refresh_token": refresh}) if refresh else None
        if answer is None:
            raise Ended
        return _tokens(answer, refresh=refresh, id_token=id_token)

    async def farewell(self, id_token: str, back_to: str) -> str:
        """The address at the issuer that ends the session there and leads back."""
        known = await self._discovered()
        if "end_session_endpoint" not in known:
            return back_to
        query = {"client_id": self._client_id, "post_logout_redirect_uri": back_to}
        if id_token:
            query["id_token_hint"] = id_token
        return f"{known['end_session_endpoint']}?{urlencode(query)}"

    async def _token(self, form: dict[str, str]) -> dict[str, Any] | None:
        known = await self._discovered()
        try:
            answer = await self._http.post(
                known["token_endpoint"], data=form, auth=(self._client_id, self._client_secret)
            )
            if answer.status_code < 500:
                return dict(answer.json()) if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError) as error:
            raise Away("issuer.away") from error
        raise Away("issuer.away")

    async def _verified(self, id_token: str) -> dict[str, Any]:
        try:
            claims = await self._claims(id_token)
        except (JoseError, ValueError, TypeError) as error:
            raise Refused from error
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self._clock.now().timestamp()
        holds = (
            claims.get("iss") == self._known["issuer"]
            and self._client_id in audiences
            and isinstance(claims.get("sub"), str)
            and float(claims.get("exp", 0)) > now
        )
        if not holds:
            raise Refused
        return claims

    async def _claims(self, id_token: str) -> dict[str, Any]:
        keys = await self._key_set()
        try:
            return dict(jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims)
        except (JoseError, ValueError):
            # The issuer may have a new key since; its keys are asked for again before the token is refused.
            self._keys = None
            return dict(jwt.decode(id_token, await self._key_set(), algorithms=_ALGORITHMS).claims)

    async def _key_set(self) -> KeySet:
        known = await self._discovered()
        if self._keys is None:
            self._keys = KeySet.import_key_set(await self._get(known["jwks_uri"]))
        return self._keys

    async def _discovered(self) -> dict[str, Any]:
        if not self._known or time.monotonic() - self._fetched > _KEPT_SECONDS:
            try:
                known = await self._get(f"{self.url}/.well-known/openid-configuration")
            except Away:
                if self._known:
                    return self._known
                raise
            if str(known.get("issuer", "")).rstrip("/") != self.url:
                raise Refused
            self._known, self._keys, self._fetched = known, None, time.monotonic()
        return self._known

    async def _get(self, address: str) -> Any:
        try:
            return (await self._http.get(address)).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise Away("issuer.away") from error


def _tokens(answer: dict[str, Any], *, refresh: str, id_token: str) -> Tokens:
    return Tokens(
        access=str(answer["access_token"]),
        refresh=str(answer.get("refresh_token", refresh)),
        id_token=str(answer.get("id_token", id_token)),
        lasting=float(answer.get("expires_in", 60)),
    )
