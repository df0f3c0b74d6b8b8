"""What an operator does beside the running service: looking at dead letters, and having them handled again."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from kit.bus import events
from kit.preparation import dead_letters, rotate_vault
from kit.testing.containers import AnyNats
from kit.testing.ground import PASSWORD, Ground, environment
from sample.ground import as_provisioner
from sample.model import Note, Secret
from spilno.identity.v1.events_pb2 import HromadaCreated, HromadaEvent
from sqlmodel import select


@pytest.fixture
def slug() -> str:
    return f"h-{uuid4().hex[:12]}"


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch, sample: Ground, nats: AnyNats) -> None:
    told = environment("kit", sample.postgres, nats, sample.issuer.url)
    for name, value in {**told, "SPILNO_NATS_PROVISIONER_URL": nats.url()}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SPILNO_MIGRATION_DATABASE_URL", "postgresql://nobody@127.0.0.1/nothing")


async def park(sample: Ground, nats: AnyNats, slug: str) -> None:
    message = HromadaCreated(hromada=HromadaEvent(name=f"hromadas/{slug}", version=1))
    event = events.make(message, datetime(2026, 5, 1, tzinfo=UTC))
    headers = {**event.headers, "ce-hromadaid": str(sample.hromada(slug).id), "dead-cause": "ValueError at welcome:7"}
    async with as_provisioner(nats) as client:
        await client.jetstream().publish(f"dead.kit.{event.bus_subject}", message.SerializeToString(), headers=headers)


async def test_an_operator_sees_what_could_not_be_handled_and_why(
    sample: Ground, nats: AnyNats, slug: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await park(sample, nats, slug)
    await dead_letters(sample.service, replay=False)
    [line] = [line for line in capsys.readouterr().out.splitlines() if slug in line]
    assert line.split("\t")[1:] == [
        "spilno.identity.v1.HromadaCreated",
        f"hromadas/{slug}",
        "ValueError at welcome:7",
    ]


async def test_an_operator_has_them_handled_again(
    sample: Ground, nats: AnyNats, slug: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await park(sample, nats, slug)
    await dead_letters(sample.service, replay=True)
    async with sample.call(slug) as call:
        assert len(await call.db.all(select(Note))) == 1
    assert slug not in capsys.readouterr().out


async def test_without_the_login_for_it_an_operator_is_told_what_is_missing(
    sample: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPILNO_NATS_PROVISIONER_URL")
    with pytest.raises(SystemExit, match="SPILNO_NATS_PROVISIONER_URL"):
        await dead_letters(sample.service, replay=False)


async def test_an_operator_rotates_the_vault_while_the_service_runs(
    sample: Ground, slug: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPILNO_MIGRATION_DATABASE_URL", sample.postgres.url("kit_migrator", PASSWORD, "kit"))
    monkeypatch.setenv("SPILNO_SECRET", sample.kit.settings.secret.get_secret_value())
    id = uuid4()
    async with sample.call(slug) as call:
        call.db.add(Secret(id=id, sealed=await call.vault.seal(call, b"a secret", Secret, id)))
    await rotate_vault(sample.service)
    assert "sealed anew 0" not in capsys.readouterr().out
    async with sample.call(slug) as call:
        assert await call.vault.open(call, (await call.db.get(Secret, id)).sealed, Secret, id) == b"a secret"
