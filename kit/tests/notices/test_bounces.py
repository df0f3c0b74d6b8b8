"""Letters that come back, as real mail servers write it."""

import sys
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from kit.notices import State, Trouble
from kit.notices.bounces import Bounce, command, mark, read
from kit.notices.model import Notice
from kit.notices.sending import token, token_read
from sample.post import Post, address
from sample.service import service

HROMADA, NOTICE = uuid4(), uuid4()
OWN = f"bounce+{token(HROMADA, NOTICE)}@spilno.example.org"
REPORT = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Thu, 26 Nov 2026 12:00:00 +0200 (EET)

Final-Recipient: rfc822; olena@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <olena@example.org>: Recipient address rejected

--B
Content-Type: {quoted}

Message-ID: {message_id}
From: office@spilno.example.org
Subject: hello

--B--
"""


def report(
    to: str = OWN,
    action: str = "failed",
    status: str = "5.1.1",
    quoted: str = "text/rfc822-headers",
    message_id: str = "<else@example.org>",
) -> bytes:
    said = REPORT.format(to=to, action=action, status=status, quoted=quoted, message_id=message_id)
    return said.replace("\n", "\r\n").encode()


def came_back(trouble: Trouble = Trouble.NO_SUCH_ADDRESS) -> Bounce:
    return Bounce(HROMADA, NOTICE, trouble)


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        ("5.1.1", Trouble.NO_SUCH_ADDRESS),
        ("5.1.10", Trouble.NO_SUCH_ADDRESS),
        ("5.2.1", Trouble.NO_SUCH_ADDRESS),
        ("5.2.2", Trouble.MAILBOX_FULL),
        ("5.7.1", Trouble.REFUSED),
        ("4.4.1", Trouble.SERVER_AWAY),
        ("oops", Trouble.REFUSED),
    ],
)
def test_a_report_says_why_in_its_status(status: str, trouble: Trouble) -> None:
    assert read(report(status=status)) == came_back(trouble)


def test_a_letter_is_known_by_the_address_that_the_report_came_to_in_any_case() -> None:
    assert read(report(to=OWN.upper())) == came_back()
    assert read(report(to="postmaster@example.org").replace(b"Subject: Und", f"Delivered-To: {OWN}\r\nX: ".encode()))


@pytest.mark.parametrize("quoted", ["text/rfc822-headers", "message/rfc822"])
def test_else_by_the_message_id_that_the_report_quotes(quoted: str) -> None:
    own = f"<{token(HROMADA, NOTICE)}@spilno.example.org>"
    assert read(report("postmaster@example.org", quoted=quoted, message_id=own)) == came_back()


@pytest.mark.parametrize(
    "letter",
    [
        b"",
        b"\xff\x00nonsense",
        b"Subject: out of office\r\nTo: " + OWN.encode() + b"\r\n\r\nI am away",
        report(action="delayed"),
        report(action="delivered"),
        report(to="bounce+nobody@spilno.example.org"),
        report().replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
        report()[:400],
    ],
)
def test_what_is_no_report_of_a_lost_notice_says_nothing(letter: bytes) -> None:
    assert read(letter) is None


def test_a_report_inside_a_quoted_letter_is_not_believed() -> None:
    outer = EmailMessage(SMTP)
    outer["To"] = OWN
    outer.set_content("look at this")
    outer.add_attachment(report(), maintype="application", subtype="octet-stream")
    assert read(outer.as_bytes()) is None


def test_a_token_fits_before_the_at_sign_and_is_read_in_any_case() -> None:
    assert len(OWN.partition("@")[0]) <= 64
    assert token_read(token(HROMADA, NOTICE).upper()) == (HROMADA, NOTICE)
    assert token_read("0189") is None


async def sent(post: Post) -> tuple[Notice, str]:
    """A notice that was sent, and the address that it would come back to."""
    to = address()
    await post.tell(to)
    await post.work()
    [letter] = post.mailed(to)
    return await post.only(), letter["X-MailFrom"]


async def test_a_letter_that_came_back_is_marked_by_the_address_it_left_from(post: Post) -> None:
    notice, return_path = await sent(post)
    bounce = read(report(return_path))
    assert bounce == Bounce(post.hromada.id, notice.id, Trouble.NO_SUCH_ADDRESS)
    assert await mark(post.kit, bounce)
    marked = await post.only()
    assert (marked.state, marked.trouble) == (State.BOUNCED, Trouble.NO_SUCH_ADDRESS)
    assert not await mark(post.kit, bounce), "it comes back once"


async def test_another_hromadas_notice_cannot_be_marked(post: Post) -> None:
    notice, _ = await sent(post)
    assert not await mark(post.kit, Bounce(UUID(int=7), notice.id, Trouble.REFUSED))
    assert (await post.only()).state is State.SENT


async def test_the_command_reads_a_letter_and_then_a_maildir_once(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, return_path = await sent(post)
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "back" / folder).mkdir(parents=True)
    (tmp_path / "back" / "new" / "1.host").write_bytes(report(return_path))
    (tmp_path / "back" / "new" / "2.host").write_bytes(b"Subject: hello\r\n\r\nhello")
    assert await command(service, [str(tmp_path / "back")]) == 0
    assert (await post.only()).state is State.BOUNCED
    assert await command(service, [str(tmp_path / "back")]) == 0
    monkeypatch.setattr(sys, "stdin", _piped(tmp_path, report(return_path)))
    assert await command(service, []) == 0
    assert capsys.readouterr().out.splitlines() == [
        "read 2, came back 1",
        "read 0, came back 0",
        "read 1, came back 0",
    ]


def _piped(folder: Path, letter: bytes) -> Any:
    (folder / "letter").write_bytes(letter)
    return (folder / "letter").open()
