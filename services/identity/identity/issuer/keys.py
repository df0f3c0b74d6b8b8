"""The issuer's signing keys: ES256, sealed at rest, several at a time so that they can be changed."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from joserfc.jwk import ECKey, KeySet
from kit.database import Session
from kit.keys import Keys
from kit.service import Kit
from sqlmodel import col, select

from identity.issuer.model import SigningKey
from identity.issuer.rules import KEY_IS_ANNOUNCED, KEY_OUTLIVES, KEY_SIGNS

log = structlog.get_logger("keys")

ALGORITHM = "ES256"
_PURPOSE = "signing-key"


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    kid: str
    key: ECKey


async def ensure(kit: Kit) -> None:
    """Makes the first key, and the next one when the newest has signed for long enough."""
    now = kit.clock.now()
    async with kit.database.transaction() as db:
        newest = await db.one_or_none(
            select(SigningKey).order_by(col(SigningKey.signs_from).desc()).limit(1).with_for_update()
        )
        if newest is not None and now < newest.signs_from + KEY_SIGNS:
            return
        signs_from = now if newest is None else now + KEY_IS_ANNOUNCED
        db.add(_new(kit.keys, signs_from))
        if newest is not None:
            (await db.lock(SigningKey, newest.id)).verifies_until = signs_from + KEY_OUTLIVES
    log.info("key.made")


async def signer(db: Session, keys: Keys, now: datetime) -> Signer:
    """The key to sign with."""
    row = await db.one_or_none(
        select(SigningKey).where(col(SigningKey.signs_from) <= now).order_by(col(SigningKey.signs_from).desc()).limit(1)
    )
    if row is None:
        raise LookupError("no signing key: `prepare` makes one")
    private = keys.open(_PURPOSE, row.sealed, row.kid)
    return Signer(row.kid, ECKey.import_key(private))


async def published(db: Session, now: datetime) -> KeySet:
    """Every key by which a token of ours may be verified."""
    rows = await db.all(
        select(SigningKey)
        .where(col(SigningKey.verifies_until).is_(None) | (col(SigningKey.verifies_until) > now))
        .order_by(col(SigningKey.signs_from))
    )
    return KeySet([ECKey.import_key(row.public) for row in rows])


def _new(keys: Keys, signs_from: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256", private=True)
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
    return SigningKey(
        kid=kid, public=public, sealed=keys.seal(_PURPOSE, key.as_pem(private=True), kid), signs_from=signs_from
    )
