"""What happens to integrators: made with a secret that is told once, found at sign-in, revoked."""

import secrets
from hmac import compare_digest

from kit.call import Call
from kit.database import Session
from kit.errors import AlreadyThere, Missing
from kit.keys import Keys
from sqlmodel import col, select

from identity.authority import states
from identity.integrators.model import Integrator
from identity.integrators.rules import ClientId

_PURPOSE = "integrator"


async def create(call: Call, slug: str, display_name: str) -> tuple[Integrator, str]:
    """A new client and its secret. A slug stays taken after its revocation: nobody inherits a client's name.

    Raises:
        AlreadyThere: the slug is taken.
    """
    if await find(call.db, slug) is not None:
        raise AlreadyThere("integrator.slug-taken", field="integrator_id")
    secret = secrets.token_urlsafe(32)
    integrator = Integrator(
        slug=slug,
        display_name=display_name,
        secret_digest=_digest(call.keys, ClientId(call.hromada.slug, slug), secret),
        created_at=call.now,
    )
    call.db.add(integrator)
    await call.db.flush()
    states.share(call, states.of_integrator(call.hromada.slug, integrator))
    return integrator, secret


async def every(call: Call) -> list[Integrator]:
    """The hromada's integrators, revoked ones too."""
    return await call.db.all(select(Integrator).order_by(col(Integrator.slug)))


async def revoke(call: Call, slug: str, etag: str) -> Integrator:
    """Ends the client; doing so again changes nothing.

    Raises:
        Missing: there is no such integrator in the hromada.
        Stale: it changed since the caller read it.
    """
    found = await find(call.db, slug)
    if found is None:
        raise Missing
    integrator = await call.db.lock(Integrator, found.id, etag)
    if integrator.revoked_at is None:
        integrator.revoked_at = call.now
        await call.db.flush()
        states.share(call, states.of_integrator(call.hromada.slug, integrator))
    return integrator


async def find(db: Session, slug: str) -> Integrator | None:
    """The integrator of a slug in the transaction's hromada."""
    return await db.one_or_none(select(Integrator).where(col(Integrator.slug) == slug))


def knows_secret(integrator: Integrator, keys: Keys, client_id: ClientId, secret: str) -> bool:
    """Whether the secret is the client's. A secret of 256 random bits needs no slow hash."""
    return compare_digest(integrator.secret_digest, _digest(keys, client_id, secret))


def _digest(keys: Keys, client_id: ClientId, secret: str) -> bytes:
    return keys.digest(_PURPOSE, str(client_id), secret)
