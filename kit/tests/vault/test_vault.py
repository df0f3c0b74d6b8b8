"""A sealed value opens in its own place, and nowhere else."""

import secrets
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from kit.call import Caller
from kit.testing.ground import PASSWORD, Ground
from kit.vault import Ring, Vault
from kit.vault.rotation import Rotated, rotate
from kit.vault.vault import data_key
from sample.model import PlatformSecret, Secret
from sample.service import service
from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as select_rows

TEXT = "ключ від сейфа".encode()


def slug() -> str:
    return f"h-{uuid4().hex[:8]}"


async def kept(ground: Ground, place: str, data: bytes = TEXT) -> UUID:
    """A secret of the hromada, sealed and written."""
    id = uuid4()
    async with ground.call(place) as call:
        call.db.add(Secret(id=id, sealed=await call.vault.seal(call, data, Secret, id)))
    return id


async def opened(ground: Ground, place: str, id: UUID, vault: Vault | None = None) -> bytes:
    async with ground.call(place) as call:
        row = await call.db.get(Secret, id)
        return await (vault or call.vault).open(call, row.sealed, Secret, id)


def fresh(ground: Ground, ring: Ring | None = None) -> Vault:
    """The vault of a replica that has just started."""
    return Vault(ring or ring_of(ground))


def ring_of(ground: Ground, written: str = "") -> Ring:
    return Ring.of(written, ground.kit.keys.of("vault"))


async def rotated(ground: Ground, ring: Ring | None = None) -> Rotated:
    url = ground.postgres.url("kit_migrator", PASSWORD, "kit")
    return await rotate(url, ring or ring_of(ground), service.every_sealed, datetime.now(UTC))


async def test_what_was_sealed_opens_in_its_row(sample: Ground) -> None:
    place = slug()
    assert await opened(sample, place, await kept(sample, place)) == TEXT


async def test_another_replica_opens_it(sample: Ground) -> None:
    place = slug()
    assert await opened(sample, place, await kept(sample, place), fresh(sample)) == TEXT


async def test_the_text_is_not_in_the_row(sample: Ground) -> None:
    place = slug()
    id = await kept(sample, place)
    async with sample.call(place) as call:
        assert TEXT not in (await call.db.get(Secret, id)).sealed


async def test_moved_to_another_row_it_does_not_open(sample: Ground) -> None:
    place = slug()
    id = await kept(sample, place)
    async with sample.call(place) as call:
        row = await call.db.get(Secret, id)
        with pytest.raises(ValueError, match="another key or context"):
            await call.vault.open(call, row.sealed, Secret, uuid4())


async def test_moved_to_another_hromada_it_does_not_open(sample: Ground) -> None:
    place = slug()
    id = await kept(sample, place)
    async with sample.call(place) as call:
        sealed = (await call.db.get(Secret, id)).sealed
    for vault in (sample.kit.chain.vault, fresh(sample)):
        async with sample.call(slug()) as elsewhere:
            with pytest.raises(ValueError, match="no such data key"):
                await vault.open(elsewhere, sealed, Secret, id)


async def test_moved_to_another_table_it_does_not_open(sample: Ground) -> None:
    place = slug()
    id = await kept(sample, place)
    async with sample.call(place) as call:
        row = await call.db.get(Secret, id)
        with pytest.raises(ValueError, match="another key or context"):
            await call.vault.open(call, row.sealed, PlatformSecret, id)


@pytest.mark.parametrize("written", [b"", b"plain", secrets.token_bytes(80)], ids=["empty", "plain", "long"])
async def test_what_the_vault_did_not_write_is_refused(sample: Ground, written: bytes) -> None:
    async with sample.call(slug()) as call:
        with pytest.raises(ValueError, match=r"not what the vault writes|no such data key"):
            await call.vault.open(call, written, Secret, uuid4())


async def test_a_call_that_is_rolled_back_takes_no_data_key_with_it(sample: Ground) -> None:
    """Else what others sealed under it meanwhile could never be opened again."""
    place, id = slug(), uuid4()
    with suppress(RuntimeError):
        async with sample.call(place) as call:
            await call.vault.seal(call, TEXT, Secret, id)
            raise RuntimeError
    written = await kept(sample, place)
    assert await opened(sample, place, written, fresh(sample)) == TEXT


async def test_two_that_seal_first_at_once_agree_on_one_data_key(sample: Ground) -> None:
    place = slug()
    one, other = fresh(sample), fresh(sample)
    async with sample.call(place) as first, sample.call(place) as second:
        values = [await vault.seal(call, TEXT, Secret, UUID(int=1)) for vault, call in ((one, first), (other, second))]
    assert values[0][:17] == values[1][:17]


async def test_the_platform_has_a_data_key_of_its_own(sample: Ground) -> None:
    id = uuid4()
    async with sample.kit.call(Caller("tester")) as call:
        call.db.add(PlatformSecret(id=id, sealed=await call.vault.seal(call, TEXT, PlatformSecret, id)))
    async with sample.kit.call(Caller("tester")) as call:
        row = await call.db.one_or_none(select_rows(PlatformSecret).where(col(PlatformSecret.id) == id))
        assert row is not None
        assert await fresh(sample).open(call, row.sealed, PlatformSecret, id) == TEXT


class TestRotation:
    async def test_everything_opens_afterwards_and_stands_under_a_new_key(self, sample: Ground) -> None:
        place = slug()
        id = await kept(sample, place)
        before = await _sealed(sample, place, id)
        done = await rotated(sample)
        after = await _sealed(sample, place, id)
        assert done.sealed_anew >= 1
        assert before[:17] != after[:17]
        assert await opened(sample, place, id, fresh(sample)) == TEXT
        assert await opened(sample, place, id) == TEXT

    async def test_the_old_key_encryption_key_can_go_then(self, sample: Ground) -> None:
        place = slug()
        id = await kept(sample, place)
        newer = ring_of(sample, "2026=" + "A" * 43)
        await rotated(sample, newer)
        try:
            alone = Ring({"2026": bytes(32)})
            assert await opened(sample, place, id, fresh(sample, alone)) == TEXT
        finally:
            await rotated(sample, Ring({"secret": sample.kit.keys.of("vault"), "2026": bytes(32)}))

    async def test_what_is_sealed_meanwhile_under_the_older_key_opens(self, sample: Ground) -> None:
        place = slug()
        await kept(sample, place)
        await rotated(sample)
        id = await kept(sample, place)
        assert await opened(sample, place, id, fresh(sample)) == TEXT

    async def test_keys_under_which_nothing_stands_are_removed_a_rotation_later(self, sample: Ground) -> None:
        place = slug()
        await kept(sample, place)
        for _ in range(3):
            await rotated(sample)
        async with sample.call(place) as call:
            numbers = await call.db.records(select(data_key.c.number).order_by(data_key.c.number))
        assert [row["number"] for row in numbers] == [3, 4]

    async def test_without_anything_sealed_it_does_nothing(self, sample: Ground) -> None:
        place = slug()
        id = await kept(sample, place)
        await rotated(sample)
        again = await rotated(sample)
        assert again.wrapped_anew == 0
        assert await opened(sample, place, id) == TEXT


async def _sealed(ground: Ground, place: str, id: UUID) -> bytes:
    async with ground.call(place) as call:
        return (await call.db.get(Secret, id)).sealed
