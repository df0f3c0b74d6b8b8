"""Key-encryption keys: the newest wraps, each opens its own."""

import secrets
from base64 import urlsafe_b64encode

import pytest
from kit.vault import Ring

LAST = secrets.token_bytes(32)


def written(*ids: str) -> str:
    return ",".join(f"{id}={urlsafe_b64encode(secrets.token_bytes(32)).decode()}" for id in ids)


def test_without_keys_the_services_own_secret_wraps() -> None:
    assert Ring.of("", LAST).newest == "secret"


def test_the_first_that_is_written_is_the_newest() -> None:
    assert Ring.of(written("2026", "2025"), LAST).newest == "2026"


def test_what_an_older_key_wrapped_opens_once_there_is_a_newer() -> None:
    wrapped = Ring.of("", LAST).wrap(b"data key", b"context")
    assert Ring.of(written("2026"), LAST).unwrap("secret", wrapped, b"context") == b"data key"


def test_what_was_wrapped_in_one_context_does_not_open_in_another() -> None:
    ring = Ring.of("", LAST)
    with pytest.raises(ValueError, match="another key or context"):
        ring.unwrap("secret", ring.wrap(b"data key", b"context"), b"elsewhere")


def test_a_key_that_was_taken_off_the_ring_is_named() -> None:
    with pytest.raises(ValueError, match="'2024'"):
        Ring.of(written("2026"), LAST).unwrap("2024", b"", b"")


@pytest.mark.parametrize(
    "text", ["2026=c2hvcnQ", f"{written('a')},{written('a')}", "=AAAA"], ids=["short", "doubled", "nameless"]
)
def test_keys_that_are_short_or_doubled_or_nameless_stop_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="SPILNO_VAULT_KEYS"):
        Ring.of(text, LAST)
