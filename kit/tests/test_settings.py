"""What a process is told by its environment."""

import pytest
from kit.settings import PrepareSettings, Settings
from pydantic import ValidationError

TOLD = {
    "SPILNO_DATABASE_URL": "postgresql://kit_app:secret@127.0.0.1/kit",
    "SPILNO_RELAY_DATABASE_URL": "postgresql://kit_relay:secret@127.0.0.1/kit",
    "SPILNO_NATS_URL": "nats://kit:secret@127.0.0.1",
    "SPILNO_GRPC_ADDRESS": "127.0.0.1:0",
    "SPILNO_ISSUER_URL": "http://127.0.0.1:7101",
    "SPILNO_CLIENT_ID": "svc.kit",
    "SPILNO_CLIENT_SECRET": "secret",
    "SPILNO_SECRET": "secret",
}


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    for name in ("SPILNO_ENVIRONMENT", "SPILNO_LOG_LEVEL", "SPILNO_CLOCK_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_said_is_heard() -> None:
    assert Settings.from_environment().client_id == "svc.kit"


def test_a_process_that_is_not_told_where_it_is_is_in_production() -> None:
    assert Settings.from_environment().environment == "production"


@pytest.mark.parametrize("name", TOLD)
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ValidationError, match=name.removeprefix("SPILNO_").lower()):
        Settings.from_environment()


@pytest.mark.parametrize(("name", "value"), [("SPILNO_ENVIRONMENT", "staging"), ("SPILNO_LOG_LEVEL", "loud")])
def test_what_is_malformed_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("SPILNO_").lower()):
        Settings.from_environment()


def test_no_secret_is_shown() -> None:
    assert "secret@" not in repr(Settings.from_environment())
    assert "='secret'" not in repr(Settings.from_environment())


def test_a_running_service_does_not_hear_the_logins_that_prepare_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPILNO_MIGRATION_DATABASE_URL", "postgresql://kit_migrator:secret@127.0.0.1/kit")
    assert not hasattr(Settings.from_environment(), "migration_database_url")
    assert PrepareSettings.from_environment().nats_provisioner_url is None
