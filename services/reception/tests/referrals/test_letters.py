"""An office's own letter: what is taken, what is refused and why, and what comes out of it."""

import base64
import io
import zipfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import docx
import grpc
import pytest
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from reception.referrals import filling, letters
from spilno.reception.v1 import appeals_pb2, prints_pb2
from spilno.reception.v1 import referrals_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.referrals_pb2_grpc import ReferralsStub

Opened = Callable[[], Awaitable[str]]
EXTERNAL = (
    '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
    ' Target="https://example.org/template.dotm" TargetMode="External"/></Relationships>'
)


def written(*paragraphs: str, header: str = "") -> bytes:
    document = docx.Document()
    for each in paragraphs:
        document.add_paragraph(each)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def repacked(content: bytes, **parts: tuple[str, str]) -> bytes:
    """The document with a text of a part replaced, or with a part more."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            for where, (before, after) in parts.items():
                if name.endswith(where.replace("_", ".")):
                    data = data.replace(before.encode(), after.encode())
            new.writestr(name, data)
        if "more" in parts:
            new.writestr(*parts["more"])
    return file.getvalue()


GOOD = written("Кому: {{ to }}", "Просимо: {{ asks }}", header="Бланк {{ office }}")
BAD: dict[str, tuple[bytes, str, str]] = {
    "unknown field": (written("{{ to }} {{ asks }} {{ passport }}"), "field-unknown", "passport"),
    "unknown field in a header": (written("{{ to }} {{ asks }}", header="{{ secret }}"), "field-unknown", "secret"),
    "nothing asked": (written("{{ to }}"), "field-missing", "asks"),
    "loop": (written("{{ to }} {{ asks }} {% for x in range(9) %}{{ x }}{% endfor %}"), "malformed", ""),
    "attribute": (written("{{ to.__class__.__mro__ }} {{ asks }}"), "malformed", ""),
    "filter": (written("{{ to|attr('x') }} {{ asks }}"), "malformed", ""),
    "braces left open": (written("{{ to }} {{ asks"), "malformed", ""),
    "whole paragraph": (written("{{ to }}", "{{p asks }}"), "malformed", ""),
    "external template": (repacked(GOOD, document_xml_rels=("</Relationships>", EXTERNAL)), "external", ""),
    "macros": (repacked(GOOD, more=("word/vbaProject.bin", "x")), "macros", ""),
    "embedded program": (repacked(GOOD, more=("word/embeddings/ole.bin", "x")), "macros", ""),
    "entities": (
        repacked(GOOD, styles_xml=("<w:styles ", '<!DOCTYPE w [<!ENTITY a "b">]><w:styles ')),
        "damaged",
        "",
    ),
    "a PDF": (b"%PDF-1.7 and nothing more", "no-docx", ""),
    "cut short": (GOOD[: len(GOOD) // 2], "damaged", ""),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_no_letter_is_refused_and_says_why(what: str) -> None:
    content, reason, named = BAD[what]
    asked = {"content": base64.b64encode(content).decode(), "fields": list(letters.FIELDS)}
    assert (said := filling.answered(asked))["reason"] == f"referral.letter-{reason}"
    assert said.get("names", "") == named


async def test_an_office_writes_its_own_letter_and_goes_back_to_the_platforms(
    reception: Ground, opened: Opened
) -> None:
    slug = await opened()
    _, head = reception.staff(slug, "appeals.read", "appeals.take", "appeals.register", "notices.write")
    before = acting.set(Acting(head, "uk"))
    async with reception.channel() as channel:
        await _write(ReferralsStub(channel), AppealsStub(channel), f"hromadas/{slug}")
    acting.reset(before)


async def _write(stub: Any, appeals: Any, parent: str) -> None:
    letter = f"{parent}/referralLetters/en"
    today = kyiv_date(datetime.now(UTC))
    kept = await stub.GetReferralLetter(pb.GetReferralLetterRequest(name=letter))
    given = await stub.DownloadReferralLetter(pb.DownloadReferralLetterRequest(name=letter))
    assert (kept.own, list(kept.fields)) == (False, list(letters.FIELDS))
    for content, why in ((BAD["macros"][0], "макроси"), (GOOD + b"0" * 512 * 1024, "512")):
        with pytest.raises(Failure) as refusal:
            await stub.UpdateReferralLetter(pb.UpdateReferralLetterRequest(name=letter, content=content, etag="0"))
        assert why in refusal.value.fields["content"]
    brought = repacked(given.content, document_xml=("With the person", "As the person"))
    changed = pb.UpdateReferralLetterRequest(name=letter, content=brought, etag=kept.etag)
    own = await stub.UpdateReferralLetter(changed)
    assert own.own
    with pytest.raises(Failure) as stale:
        await stub.UpdateReferralLetter(changed)
    assert stale.value.code is grpc.StatusCode.ABORTED
    draft = appeals_pb2.AppealDraft(
        kind=appeals_pb2.APPEAL_KIND_APPLICATION,
        area=appeals_pb2.SAFETY_AREA_ORDER,
        text="Потрібна порада щодо припису.",
        applicant=appeals_pb2.Applicant(name="Мешканка Олена", residence="вул. Зразкова, 1", phone="+380971234567"),
    )
    registered = await appeals.RegisterAppeal(
        appeals_pb2.RegisterAppealRequest(
            parent=parent, appeal=draft, channel=appeals_pb2.APPEAL_CHANNEL_PHONE, request_id=str(uuid4())
        )
    )
    made = await stub.ReferAppeal(
        pb.ReferAppealRequest(
            appeal=registered.appeal.name,
            lawyer="Юристка <Центру> & партнери",
            asks="Порада щодо припису.\nСупровід у суді.",
            consented_on=today.isoformat(),
            due_on=(today + timedelta(days=9)).isoformat(),
            request_id=str(uuid4()),
        )
    )
    printing = pb.PrintReferralLetterRequest(
        name=made.name, format=prints_pb2.DOCUMENT_FORMAT_DOCX, office="Офіс безпеки", language="en"
    )
    said = _text((await stub.PrintReferralLetter(printing)).content)
    for each in ("As the person", "Юристка <Центру> & партнери", "Супровід у суді.", "legal aid", "Офіс безпеки"):
        assert each in said
    assert "{{" not in said
    printing.format = prints_pb2.DOCUMENT_FORMAT_PDF
    with pytest.raises(Failure) as no_pdf:
        await stub.PrintReferralLetter(printing)
    assert no_pdf.value.code is grpc.StatusCode.FAILED_PRECONDITION
    await stub.ResetReferralLetter(pb.ResetReferralLetterRequest(name=letter, etag=own.etag))
    assert (await stub.PrintReferralLetter(printing)).content.startswith(b"%PDF-")
    with pytest.raises(Failure) as unknown:
        await stub.GetReferralLetter(pb.GetReferralLetterRequest(name=f"{parent}/referralLetters/fr"))
    assert unknown.value.code is grpc.StatusCode.NOT_FOUND


def _text(content: bytes) -> str:
    return "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs)
