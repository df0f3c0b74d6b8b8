"""Notices on their way, to a real mail server and a real SMS gateway."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from kit.call import Caller
from kit.errors import Refused, Stale, TooMany, WrongState
from kit.notices import Channel, State, Text, To, Trouble
from kit.notices.actions import again, forget, forget_old
from kit.notices.rules import KEPT
from kit.notices.texts import SIGNATURE
from kit.servers.letters import Letters
from kit.servers.process import free_port
from kit.testing.ground import Ground
from sample.post import ABOUT, Post, address, moody, phone
from sample.tellings import READ, notices


@pytest_asyncio.fixture
async def frail_letters(tmp_path: Path) -> AsyncIterator[Letters]:
    """Servers that a test may stop."""
    one = moody(tmp_path)
    await one.start()
    yield one
    await one.stop()


async def test_a_letter_arrives_in_the_persons_language_and_signed(post: Post) -> None:
    to = address()
    await post.tell(to, language="en")
    await post.work()
    [letter] = post.mailed(to)
    assert letter["Subject"] == "A note was read"
    assert letter.get_content().strip() == (
        "Community safety office: the note “Привіт” was read. https://spilno.example.org/n"
    )
    assert letter["From"].addresses == (Address("Спільно", addr_spec="office@spilno.example.org"),)
    assert (letter["To"], letter["Content-Language"], letter["Auto-Submitted"]) == (to, "en", "auto-generated")
    assert letter["X-MailFrom"].startswith("bounce+")
    assert (await post.only()).state is State.SENT


async def test_an_sms_arrives_once_with_its_sender(post: Post) -> None:
    to = phone()
    await post.tell(to)
    await post.work()
    [text] = post.texted(to)
    assert text["text"] == "Офіс безпеки громади: «Привіт» прочитано. https://spilno.example.org/n"
    assert text["sender"] == "Spilno"
    assert (await post.only()).state is State.SENT


async def test_what_a_call_that_fails_would_have_told_is_not_told(post: Post) -> None:
    async def fail() -> None:
        async with post.call() as call:
            to = To(Channel.EMAIL, address(), "uk", call.now)
            await notices.tell(call, READ, about=ABOUT, to=to, values={"note": "n", "link": "l"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await post.work()
    assert await post.kept() == []


async def test_a_channel_that_is_off_tells_nobody_and_keeps_nothing(sample: Ground, letters: Letters) -> None:
    post = Post(sample, letters, smtp_url="")
    assert await post.tell(address()) is None
    assert await post.kept() == []


async def test_while_the_server_is_away_a_notice_waits_and_is_not_lost(sample: Ground, frail_letters: Letters) -> None:
    post, to = Post(sample, frail_letters), address()
    await frail_letters.stop()
    await post.tell(to)
    for _ in range(3):
        await post.work(after=3600)
    waiting = await post.only()
    assert (waiting.state, waiting.trouble, waiting.tries) == (State.QUEUED, Trouble.SERVER_AWAY, 3)
    await frail_letters.start()
    await post.work(after=3600)
    assert len(post.mailed(to)) == 1
    assert ((await post.only()).state, (await post.only()).trouble) == (State.SENT, None)


async def test_a_server_that_puts_off_is_asked_again(sample: Ground, frail_letters: Letters) -> None:
    post, to = Post(sample, frail_letters), address()
    busy = frail_letters.mailbox.with_name("busy")
    busy.touch()
    await post.tell(to)
    await post.work()
    assert (await post.only()).trouble is Trouble.SERVER_BUSY
    busy.unlink()
    await post.work(after=20)
    assert (await post.only()).state is State.SENT


@pytest.mark.parametrize(
    ("to", "trouble"),
    [
        ("550@example.org", Trouble.NO_SUCH_ADDRESS),
        ("552@example.org", Trouble.MAILBOX_FULL),
        ("554@example.org", Trouble.REFUSED),
        ("olena@example.org\r\nBcc: x@example.org", Trouble.NO_SUCH_ADDRESS),
        ("олена@example.org", Trouble.NO_SUCH_ADDRESS),
        ("+380971230000", Trouble.NO_SUCH_ADDRESS),
    ],
)
async def test_what_is_refused_for_good_fails_and_says_why(post: Post, to: str, trouble: Trouble) -> None:
    await post.tell(to)
    await post.work()
    failed = await post.only()
    assert (failed.state, failed.trouble, failed.tries) == (State.FAILED, trouble, 1)
    assert not post.mailed("x@example.org")


async def test_a_wrong_token_waits_until_it_is_mended(sample: Ground, letters: Letters) -> None:
    post = Post(sample, letters, sms_token="wrong")
    await post.tell(phone())
    await post.work()
    waiting = await post.only()
    assert (waiting.state, waiting.trouble) == (State.QUEUED, Trouble.LOGIN_REFUSED)


async def test_what_would_come_too_late_is_not_sent(sample: Ground, frail_letters: Letters) -> None:
    post, to = Post(sample, frail_letters), address()
    await frail_letters.stop()
    await post.tell(to, until=post.clock.moment + timedelta(minutes=10))
    await post.work()
    await frail_letters.start()
    await post.work(after=3600)
    assert (await post.only()).state is State.FAILED
    assert post.mailed(to) == []


async def test_an_sms_is_not_sent_at_night(post: Post) -> None:
    to = phone()
    post.clock.moment += timedelta(hours=12)
    await post.tell(to)
    await post.work(after=60)
    assert ((await post.only()).state, post.texted(to)) == (State.QUEUED, [])
    await post.work(after=8 * 3600)
    assert len(post.texted(to)) == 1


async def test_an_sms_put_off_into_the_night_waits_too(sample: Ground, frail_letters: Letters) -> None:
    post, to = Post(sample, frail_letters), phone()
    await frail_letters.stop()
    await post.tell(to)
    await post.work()
    await frail_letters.start()
    await post.work(after=12 * 3600)
    assert post.texted(to) == []
    await post.work(after=8 * 3600)
    assert len(post.texted(to)) == 1


async def test_an_address_has_enough_after_ten_in_a_day(post: Post) -> None:
    to = address()
    for _ in range(12):
        await post.tell(to)
    await post.work()
    assert len(post.mailed(to)) == 10
    assert [one.trouble for one in await post.kept() if one.state is State.FAILED] == [Trouble.TOO_MANY] * 2
    post.clock.moment += timedelta(days=1, seconds=1)
    await post.tell(to)
    await post.work()
    assert len(post.mailed(to)) == 11


async def test_a_resident_cannot_have_a_list_of_numbers_written_to(post: Post) -> None:
    resident = Caller("", address=f"10.0.{post.slug}")
    for _ in range(31):
        await post.tell(phone(), caller=resident)
    assert [one.state for one in await post.kept()].count(State.FAILED) == 1


async def test_the_database_holds_no_address_and_no_word_in_the_clear(post: Post) -> None:
    to = address()
    await post.tell(to, note="Таємниця")
    row = await post.only()
    assert row.masked == "o***@example.org"
    assert row.sealed is not None
    assert to.encode() not in row.sealed
    assert "Таємниця" not in json.dumps({**row.model_dump(), "sealed": repr(row.sealed)}, default=str)


class TestAgain:
    async def test_the_same_words_go_as_a_new_letter(self, post: Post) -> None:
        to = address()
        await post.tell(to)
        await post.work()
        async with post.call() as call:
            await again(call, (await post.only()).id)
        await post.work()
        first, second = post.mailed(to)
        assert first.get_content() == second.get_content()
        assert first["Message-ID"] != second["Message-ID"]

    async def test_not_what_is_on_its_way(self, post: Post) -> None:
        await post.tell(address())
        async with post.call() as call:
            with pytest.raises(WrongState, match="on-its-way"):
                await again(call, (await post.only()).id)

    async def test_not_to_an_address_that_has_had_enough(self, post: Post) -> None:
        to = address()
        for _ in range(10):
            await post.tell(to)
        await post.work()
        async with post.call() as call:
            with pytest.raises(TooMany):
                await again(call, (await post.kept())[0].id)


class TestForgetting:
    async def test_with_its_record_goes_to_whom_and_what_and_the_rest_stays(self, post: Post) -> None:
        await post.tell(address())
        await post.work()
        async with post.call() as call:
            await forget(call, [ABOUT])
        row = await post.only()
        assert (row.sealed, row.masked, row.state) == (None, "", State.SENT)

    async def test_what_still_waited_is_withdrawn(self, post: Post) -> None:
        to = address()
        await post.tell(to)
        async with post.call() as call:
            await forget(call, [ABOUT])
        await post.work()
        assert ((await post.only()).state, post.mailed(to)) == (State.WITHDRAWN, [])

    async def test_after_thirty_days_by_itself_and_not_before(self, post: Post) -> None:
        await post.tell(address())
        await post.work()
        for moved, is_known in ((KEPT, True), (timedelta(seconds=1), False)):
            post.clock.moment += moved
            async with post.call() as call:
                await forget_old(call)
            assert ((await post.only()).sealed is not None) == is_known


class TestTexts:
    OWN = Text("Прочитали", "{office} прочитав: {note}", "{note}")

    async def test_a_hromadas_own_text_is_sent_and_the_services_comes_back(self, post: Post) -> None:
        to = address()
        async with post.call() as call:
            await notices.change(call, READ, "uk", self.OWN, "0")
            await notices.change(call, SIGNATURE, "uk", Text("", "Офіс у Татарбунарах", ""), "0")
        await post.tell(to)
        await post.work()
        async with post.call() as call:
            await notices.reset(call, READ, "uk")
        await post.tell(to)
        await post.work()
        first, second = post.mailed(to)
        assert (first["Subject"], first.get_content().strip()) == ("Прочитали", "Офіс у Татарбунарах прочитав: Привіт")
        assert second["Subject"] == "Записку прочитано"

    async def test_of_two_who_change_it_at_once_one_is_told(self, post: Post) -> None:
        async def change(etag: str, text: Text = self.OWN) -> str:
            async with post.call() as call:
                return (await notices.change(call, READ, "uk", text, etag)).etag

        found = await asyncio.gather(change("0"), change("0"), return_exceptions=True)
        assert sorted(type(one).__name__ for one in found) == ["Stale", "str"]
        with pytest.raises(Stale):
            await change("0")
        assert (await change("1"), await change("1", replace(self.OWN, subject="Інша"))) == ("1", "2")

    async def test_a_preview_shows_examples_and_refuses_what_could_not_be_kept(self, post: Post) -> None:
        async with post.call() as call:
            shown = await notices.preview(call, READ, "uk", self.OWN)
            assert shown.body == "Офіс безпеки громади прочитав: Привіт"
            with pytest.raises(Refused):
                await notices.preview(call, READ, "uk", Text("{x}", "так", "так"))


async def test_without_the_right_certificate_nothing_is_handed_over(tmp_path: Path, sample: Ground) -> None:
    certificate, key = _certificate(tmp_path)
    letters = moody(tmp_path, "--tlscert", str(certificate), "--tlskey", str(key))
    await letters.start()
    try:
        port = letters.settings()["SPILNO_SMTP_URL"].rpartition(":")[2]
        url = f"smtp+starttls://localhost:{port}"
        strange = Post(sample, letters, smtp_url=url)
        await strange.tell(address())
        await strange.work()
        assert (await strange.only()).trouble is Trouble.SERVER_AWAY
        known, to = Post(sample, letters, smtp_url=url, smtp_ca=certificate), address()
        await known.tell(to)
        await known.work()
        assert len(known.mailed(to)) == 1
    finally:
        await letters.stop()


async def test_a_server_without_tls_is_given_nothing_when_tls_is_asked_for(sample: Ground, letters: Letters) -> None:
    port = letters.settings()["SPILNO_SMTP_URL"].rpartition(":")[2]
    post, to = Post(sample, letters, smtp_url=f"smtp+starttls://localhost:{port}"), address()
    await post.tell(to)
    await post.work()
    assert ((await post.only()).state, post.mailed(to)) == (State.QUEUED, [])


async def test_a_server_behind_tls_from_the_first_byte_is_spoken_to(tmp_path: Path, sample: Ground) -> None:
    certificate, key = _certificate(tmp_path)
    letters = moody(tmp_path, "--smtpscert", str(certificate), "--smtpskey", str(key))
    await letters.start()
    try:
        port = letters.settings()["SPILNO_SMTP_URL"].rpartition(":")[2]
        post, to = Post(sample, letters, smtp_url=f"smtps://localhost:{port}", smtp_ca=certificate), address()
        await post.tell(to)
        await post.work()
        assert len(post.mailed(to)) == 1
    finally:
        await letters.stop()


async def test_a_port_where_nobody_listens_is_a_server_that_is_away(sample: Ground, letters: Letters) -> None:
    post = Post(sample, letters, sms_url=f"http://127.0.0.1:{free_port()}")
    await post.tell(phone())
    await post.work()
    assert (await post.only()).trouble is Trouble.SERVER_AWAY


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(plain)
    return folder / "certificate.pem", folder / "key.pem"
