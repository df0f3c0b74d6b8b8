"""The first operator."""

from identity.operators.actions import ensure_first
from identity.operators.model import Operator
from identity.testing import OPERATOR, Identity, Person
from sqlmodel import select


async def test_the_first_operator_is_made_once_however_often_it_is_prepared(identity: Identity) -> None:
    await ensure_first(identity.kit)
    async with identity.call() as call:
        assert len(await call.db.all(select(Operator))) == 1


async def test_the_first_operator_signs_in_with_the_password_of_the_settings(identity: Identity) -> None:
    assert (await identity.tokens(Person(*OPERATOR)))["access_token"]
