"""OAuth 2.0 and OpenID Connect as Authlib decides them; what it decides on comes from the verbs in `actions`.

One `Protocol` serves one request, in a worker thread, inside one transaction.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from anyio.from_thread import run
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from kit.call import Call
from kit.errors import Denied, Missing, WrongState
from sqlmodel import col, select
from starlette.responses import JSONResponse, Response

from identity.factors import rules as proofs
from identity.hromadas.model import Hromada
from identity.integrators import actions as integrators
from identity.integrators.rules import parse_client_id
from identity.issuer import actions, keys, rules
from identity.issuer.actions import Subject
from identity.issuer.model import Code, Family, SignIn
from identity.settings import Settings

PORTAL = "web"
"""The client that people sign in through. It proves itself by the secret of the service svc.web."""

_ANYWHERE = "https://issuer"
"""Whether the way to us is encrypted is the settings' to say, not the library's."""


@dataclass(frozen=True, slots=True)
class Below:
    """The portal's address and all of its pages."""

    portal: str

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and rules.is_below(address, self.portal)


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """Whoever asks for tokens: the portal, a service, or an integrator."""

    id: str
    knows: Callable[[str], bool]
    grants: frozenset[str]
    hromada: str = ""
    """An integrator's."""
    portal: str = ""
    """Where the portal is, for the client that people sign in through."""

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": Below(self.portal) if self.portal else ()}

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: Any) -> Any:
        """The scope itself, or None for one that the issuer does not know."""
        return scope or "" if rules.parse_scope(scope or "") is not None else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return bool(self.portal) and redirect_uri == f"{self.portal}/callback"

    def check_client_secret(self, client_secret: str) -> bool:
        return self.knows(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and bool(self.portal)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


class Asked(OAuth2Request):
    """A request of the protocol, its parameters read and found readable."""

    def __init__(self, method: str, parameters: dict[str, str], headers: Mapping[str, str]) -> None:
        super().__init__(method, _ANYWHERE, headers=headers)
        self.payload = BasicOAuth2Payload(parameters)
        self.parameters = parameters

    @property
    def args(self) -> Any:
        return self.parameters

    @property
    def form(self) -> dict[str, str]:
        return self.parameters


class ByCode(AuthorizationCodeGrant):
    """A code for tokens."""

    server: "Protocol"

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = self.server.parameters(request)
        run(
            actions.keep_code,
            self.server.call,
            code,
            self.server.signed_in,
            asked["client_id"],
            asked["redirect_uri"],
            request.scope,
            asked.get("nonce"),
            asked["code_challenge"],
        )

    def query_authorization_code(self, code: str, client: ClientMixin) -> "HeldCode | None":
        held = run(actions.take_code, self.server.call, code, client.get_client_id())
        if held is None:
            return None
        sign_in = run(self.server.call.db.get, SignIn, held.sign_in_id)
        return HeldCode(held, tuple(sign_in.methods))

    def authenticate_user(self, authorization_code: "HeldCode") -> Subject:
        held = authorization_code.code
        return self.server.subject(held)

    def delete_authorization_code(self, authorization_code: "HeldCode") -> None:
        """It stays, spent, so that its second coming is noticed."""


@dataclass(frozen=True, slots=True)
class HeldCode:
    """A code as the library asks of it."""

    code: Code
    methods: tuple[str, ...]

    @property
    def code_challenge(self) -> str:
        return self.code.code_challenge

    @property
    def code_challenge_method(self) -> str:
        return "S256"

    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri

    def get_scope(self) -> str:
        return self.code.scope

    def get_nonce(self) -> str | None:
        return self.code.nonce

    def get_auth_time(self) -> int:
        return int(self.code.signed_in_at.timestamp())

    def get_acr(self) -> str:
        return proofs.acr(self.methods)

    def get_amr(self) -> list[str]:
        return proofs.amr(self.methods)


class OnlyS256(CodeChallenge):
    """Every code is bound to its asker by a digest; `plain` is no binding."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):
    """Who signed in, for the portal. No personal data: names and roles are asked of the contract."""

    def __init__(self, protocol: "Protocol") -> None:
        super().__init__()
        self._protocol = protocol

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """The nonce is the client's to compare; a code is good only once in any case."""
        return False

    def resolve_client_private_key(self, client: Any) -> ECKey:
        return self._protocol.signer.key

    def get_client_algorithm(self, client: Any) -> str:
        return keys.ALGORITHM

    def get_encode_header(self, client: Any) -> dict[str, Any]:
        return {"alg": keys.ALGORITHM, "typ": "JWT", "kid": self._protocol.signer.kid}

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        now = int(self._protocol.call.now.timestamp())
        return {
            "iss": self._protocol.settings.issuer_url,
            "aud": client.get_client_id(),
            "azp": client.get_client_id(),
            "iat": now,
            "exp": now + int(rules.ACCESS_LASTS.total_seconds()),
        }

    def generate_user_info(self, user: Subject, scope: str) -> UserInfo:
        return UserInfo(sub=user.get_user_id(), sid=str(user.sign_in_id))


class ByRefreshToken(RefreshTokenGrant):
    """The next tokens for the last refresh token."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: "Protocol"

    def authenticate_refresh_token(self, refresh_token: str) -> Any:
        client = self.request.client
        if client is None:
            return None
        held = run(actions.take_family, self.server.call, refresh_token, client.get_client_id())
        return HeldFamily(held) if held is not None else None

    def _validate_token_scope(self, token: "HeldFamily") -> None:
        asked = self.server.parameters(self.request).get("scope")
        if asked and set(asked.split()) != set(token.get_scope().split()):
            raise InvalidScopeError()

    def authenticate_user(self, refresh_token: "HeldFamily") -> Subject:
        return self.server.subject(refresh_token.family)

    def revoke_old_credential(self, refresh_token: Any) -> None:
        """The new token's digest has taken the old one's place."""


@dataclass(frozen=True, slots=True)
class HeldFamily:
    """A family as the library asks of it."""

    family: Family

    def check_client(self, client: ClientMixin) -> bool:
        return self.family.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return self.family.scope


class ByOwnCredentials(ClientCredentialsGrant):
    """A client for itself. What it may do is not written in its token."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class SignOut(EndSessionEndpoint):
    """The portal says that a person wants to leave."""

    server: "Protocol"

    def get_server_jwks(self) -> KeySet:
        return run(keys.published, self.server.call.db, self.server.call.now)

    def get_algorithms(self) -> list[str]:
        return [keys.ALGORITHM]

    def end_session(self, end_session_request: Any) -> None:
        claims = end_session_request.id_token_claims or {}
        sign_in = rules.parse_id(claims.get("sid"))
        if sign_in is not None:
            run(actions.end, self.server.call, sign_in)


class Protocol(AuthorizationServer):
    """The library's server for one request."""

    def __init__(self, call: Call, settings: Settings) -> None:
        super().__init__()
        self.call = call
        self.settings = settings
        self.sign_in: SignIn | None = None
        self._signer: keys.Signer | None = None
        self.register_grant(ByCode, [OnlyS256(required=True), IdToken(self)])
        self.register_grant(ByRefreshToken)
        self.register_grant(ByOwnCredentials)
        self.register_endpoint(SignOut)

    @property
    def library(self) -> Any:
        """The library's side of this server, which answers without types."""
        return self

    @property
    def signed_in(self) -> SignIn:
        """The sign-in in which a code is asked for."""
        if self.sign_in is None:
            raise LookupError("nobody is signed in")
        return self.sign_in

    @property
    def signer(self) -> keys.Signer:
        if self._signer is None:
            self._signer = run(keys.signer, self.call.db, self.call.keys, self.call.now)
        return self._signer

    def query_client(self, client_id: str) -> Any:
        """The client of an id; None for one that does not exist, was revoked, or whose hromada is suspended."""
        services = self.settings.service_clients
        if client_id == PORTAL and f"svc.{PORTAL}" in services:
            secret = services[f"svc.{PORTAL}"].get_secret_value()
            grants = frozenset({"authorization_code", "refresh_token"})
            return Client(client_id, _same(secret), grants, portal=self.settings.web_url)
        if client_id in services:
            return Client(client_id, _same(services[client_id].get_secret_value()), _BY_ITSELF)
        return run(self._integrator, client_id)

    async def _integrator(self, text: str) -> Client | None:
        client_id = parse_client_id(text)
        if client_id is None:
            return None
        db = self.call.db
        hromada = await db.one_or_none(select(Hromada).where(col(Hromada.slug) == client_id.hromada))
        if hromada is None or hromada.is_suspended:
            return None
        await db.enter(hromada.id)
        found = await integrators.find(db, client_id.integrator)
        if found is None or found.revoked_at is not None:
            return None
        integrator = found
        return Client(
            text,
            lambda secret: integrators.knows_secret(integrator, self.call.keys, client_id, secret),
            _BY_ITSELF,
            hromada=hromada.slug,
        )

    def subject(self, held: Code | Family) -> Subject:
        """Whom the next tokens are for, if they are still to have some."""
        scope = rules.parse_scope(held.scope)
        try:
            found: Subject = run(
                actions.subject, self.call, held.person_id, held.sign_in_id, scope.organization if scope else ""
            )
        except (Denied, Missing, WrongState) as refusal:
            raise InvalidGrantError("The person may not work there now") from refusal
        return found

    def generate_token(
        self,
        grant_type: str,
        client: Any,
        user: Subject | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, str | int]:
        """An access token: who, through which client, in which hromada; not what they may do."""
        now = int(self.call.now.timestamp())
        seconds = int(rules.ACCESS_LASTS.total_seconds())
        claims: dict[str, Any] = {
            "iss": self.settings.issuer_url,
            "aud": [rules.AUDIENCE],
            "azp": client.id,
            "client_id": client.id,
            "iat": now,
            "exp": now + seconds,
            "jti": secrets.token_urlsafe(16),
        }
        token: dict[str, str | int] = {"token_type": "Bearer", "expires_in": seconds}
        if user is None:
            claims["sub"] = client.id
            if client.hromada:
                claims["tid"] = client.hromada
        else:
            claims.update(
                sub=user.get_user_id(),
                sid=str(user.sign_in_id),
                scope=scope or "",
                acr=proofs.acr(user.methods),
                amr=proofs.amr(user.methods),
            )
            token["scope"] = scope or ""
            if user.organization is not None:
                slug, id = user.organization
                claims["organization"] = {slug: {"id": str(id)}}
        header = {"alg": keys.ALGORITHM, "typ": "at+jwt", "kid": self.signer.kid}
        token["access_token"] = jwt.encode(header, claims, self.signer.key, [keys.ALGORITHM])
        return token

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        """Adds the refresh token, in place of the one or the code that was given for it."""
        secret = secrets.token_urlsafe(32)
        if request.refresh_token is not None:
            family: Family = request.refresh_token.family
            run(actions.follow, self.call, family, secret)
        elif request.authorization_code is not None:
            family = run(actions.open_family, self.call, request.authorization_code.code, secret)
        else:
            return
        token["refresh_token"] = rules.refresh_token(family.id, secret)

    @staticmethod
    def parameters(request: OAuth2Request) -> dict[str, str]:
        return request.payload.data if request.payload is not None else {}

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        asked: OAuth2Request = request
        return asked

    def send_signal(self, name: Any, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """The answer as the web framework knows it."""
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))


_BY_ITSELF = frozenset({"client_credentials"})


def _same(secret: str) -> Callable[[str], bool]:
    return lambda given: compare_digest(given.encode(), secret.encode())
