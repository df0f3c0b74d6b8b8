"""Signing keys change in time, and nobody who verifies is surprised."""

from datetime import timedelta

import httpx
from identity.issuer import keys, rules
from identity.issuer.model import SigningKey
from identity.testing import Clock, Identity
from joserfc import jws
from sqlmodel import select


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


async def published(identity: Identity) -> set[str]:
    async with httpx.AsyncClient(base_url=identity.issuer, trust_env=False) as client:
        return {key["kid"] for key in (await client.get("/jwks")).json()["keys"]}


async def test_a_key_changes_in_steps_that_whoever_verifies_can_follow(identity: Identity, clock: Clock) -> None:
    old = kid_of(await identity.operator())
    clock.move(rules.KEY_SIGNS + timedelta(minutes=1))
    await keys.ensure(identity.kit)
    announced = await published(identity)
    assert old in announced
    assert len(announced) == 2
    assert kid_of(await identity.operator()) == old

    clock.move(rules.KEY_SIGNS + rules.KEY_IS_ANNOUNCED + timedelta(minutes=2))
    assert {kid_of(await identity.operator())} == announced - {old}

    clock.move(rules.KEY_SIGNS + rules.KEY_OUTLIVES + timedelta(hours=1))
    assert await published(identity) == announced - {old}


async def test_a_key_that_is_young_stays(identity: Identity) -> None:
    before = await published(identity)
    await keys.ensure(identity.kit)
    assert await published(identity) == before


async def test_a_private_key_is_kept_sealed(identity: Identity) -> None:
    async with identity.call() as call:
        rows = await call.db.all(select(SigningKey))
    assert all(b"PRIVATE KEY" not in row.sealed for row in rows)
