"""What the issuer forgets, and what it keeps."""

from datetime import timedelta

from identity.issuer import actions
from identity.issuer.model import Code, Family, SignIn
from identity.testing import Clock, Identity, Office
from sqlmodel import select


async def kept(identity: Identity) -> list[int]:
    async with identity.call() as call:
        return [len(await call.db.all(select(model))) for model in (SignIn, Code, Family)]


async def test_what_has_long_ended_is_forgotten(office: Office, clock: Clock) -> None:
    await office.as_head()
    clock.move(timedelta(days=2))
    await actions.sweep(office.identity.kit)
    assert await kept(office.identity) == [0, 0, 0]


async def test_a_sign_in_under_way_is_kept(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    await actions.sweep(office.identity.kit)
    assert (await office.identity.refresh(tokens["refresh_token"])).status_code == 200


async def test_only_digests_of_secrets_are_kept(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    secret = str(tokens["refresh_token"]).partition(".")[2].encode()
    async with office.identity.call() as call:
        families = await call.db.all(select(Family))
    assert families
    assert all(secret not in family.digest for family in families)
