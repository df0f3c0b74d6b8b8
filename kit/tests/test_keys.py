"""Keys of one service: none can be passed for another, and what was altered does not open."""

import base64
import secrets

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kit.keys import Keys


def secret() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


KEYS = Keys(secret())
words = st.text(max_size=8) | st.text("\x1e\x1fES", max_size=4)


class TestDigest:
    def test_is_the_same_for_the_same_parts(self) -> None:
        assert KEYS.digest("code", "a", "b") == KEYS.digest("code", "a", "b")

    @given(st.tuples(words, words), st.tuples(words, words))
    def test_differs_when_a_part_differs(self, parts: tuple[str, str], others: tuple[str, str]) -> None:
        assume(parts != others)
        assert KEYS.digest("code", *parts) != KEYS.digest("code", *others)

    def test_differs_by_purpose(self) -> None:
        assert KEYS.digest("code", "a") != KEYS.digest("attempt", "a")

    def test_differs_by_secret(self) -> None:
        assert KEYS.digest("code", "a") != Keys(secret()).digest("code", "a")

    def test_is_the_same_whether_the_secret_is_padded_or_not(self) -> None:
        padded = secret()
        assert Keys(padded).digest("code", "a") == Keys(padded.rstrip("=")).digest("code", "a")


class TestSeal:
    @given(st.binary(max_size=64), st.lists(words, max_size=3))
    def test_opens_in_the_same_context(self, data: bytes, context: list[str]) -> None:
        assert KEYS.open("session", KEYS.seal("session", data, *context), *context) == data

    def test_is_different_each_time(self) -> None:
        assert KEYS.seal("session", b"the same") != KEYS.seal("session", b"the same")

    def test_does_not_hold_what_it_hides(self) -> None:
        assert b"twelve digits" not in KEYS.seal("session", b"twelve digits")

    @pytest.mark.parametrize(
        ("purpose", "context"),
        [("page-token", ["a", "b"]), ("session", ["a"]), ("session", ["b", "a"]), ("session", [])],
    )
    def test_does_not_open_for_another_purpose_or_context(self, purpose: str, context: list[str]) -> None:
        with pytest.raises(ValueError, match="another key or context"):
            KEYS.open(purpose, KEYS.seal("session", b"data", "a", "b"), *context)

    def test_does_not_open_with_two_parts_run_together(self) -> None:
        with pytest.raises(ValueError, match="another key or context"):
            KEYS.open("session", KEYS.seal("session", b"data", "a", "b"), "a\x1fb")

    def test_does_not_open_under_another_secret(self) -> None:
        with pytest.raises(ValueError, match="another key or context"):
            Keys(secret()).open("session", KEYS.seal("session", b"data"))

    @given(st.data())
    def test_does_not_open_when_a_bit_was_altered(self, data: st.DataObject) -> None:
        sealed = bytearray(KEYS.seal("session", b"data", "a"))
        place = data.draw(st.integers(0, len(sealed) * 8 - 1))
        sealed[place // 8] ^= 1 << place % 8
        with pytest.raises(ValueError, match="another key or context"):
            KEYS.open("session", bytes(sealed), "a")

    @given(st.binary(max_size=40))
    def test_does_not_open_what_was_never_sealed(self, data: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            KEYS.open("session", data)

    def test_does_not_open_when_it_was_cut_short(self) -> None:
        sealed = KEYS.seal("session", b"data")
        for length in range(len(sealed)):
            with pytest.raises(ValueError, match=r"."):
                KEYS.open("session", sealed[:length])


@pytest.mark.parametrize("short", ["", "c2hvcnQ", base64.urlsafe_b64encode(b"x" * 31).decode()])
def test_a_secret_that_is_too_short_stops_the_start(short: str) -> None:
    with pytest.raises(ValueError, match="SPILNO_SECRET"):
        Keys(short)
