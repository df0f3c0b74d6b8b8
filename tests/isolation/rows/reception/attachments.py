"""The rows of reception: what is attached to appeals."""

from google.protobuf.message import Message
from spilno.reception.v1 import attachments_pb2

from tests.isolation.rows.declared import FILE, OFFICER, file_said, method, parent
from tests.isolation.rows.reception.triage import waiting_submission
from tests.world import MARKER, OWN, World, as_whom


async def _attachment(world: World) -> attachments_pb2.Attachment:
    """A file on an appeal of the first hromada, with a name that only its own may see."""
    appeal = (await world.appeal(OWN)).appeal
    with as_whom(world.tokens[OFFICER]):
        attachment: attachments_pb2.Attachment = await world.attach(
            attachments_pb2.UploadAttachmentRequest(parent=appeal.name, **file_said()), FILE
        )
    return attachment


@method("spilno.reception.v1.Attachments.UploadAttachment", OFFICER, lambda answer: MARKER in answer.filename)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return attachments_pb2.UploadAttachmentRequest(parent=appeal.name, **file_said())


@method("spilno.reception.v1.Attachments.SubmitAttachment", "web", lambda answer: MARKER in answer.filename)
async def _(world: World) -> Message:
    code = (await world.appeal(OWN)).code
    return attachments_pb2.SubmitAttachmentRequest(parent=parent(OWN), code=code, **file_said())


@method(
    "spilno.reception.v1.Attachments.ListSubmittedAttachments",
    "web",
    lambda answer: [MARKER in each.filename for each in answer.attachments] == [True],
)
async def _(world: World) -> Message:
    code = (await world.appeal(OWN)).code
    await world.attach(
        attachments_pb2.SubmitAttachmentRequest(parent=parent(OWN), code=code, **file_said()),
        FILE,
        await world.through_web(),
    )
    return attachments_pb2.ListSubmittedAttachmentsRequest(parent=parent(OWN), code=code)


@method(
    "spilno.reception.v1.Attachments.ListAttachments",
    OFFICER,
    lambda answer: [MARKER in each.filename for each in answer.attachments] == [True],
)
async def _(world: World) -> Message:
    attachment = await _attachment(world)
    return attachments_pb2.ListAttachmentsRequest(parent=attachment.name.rpartition("/attachments/")[0])


@method(
    "spilno.reception.v1.Attachments.DownloadAttachment", OFFICER, lambda answer: MARKER in answer.attachment.filename
)
async def _(world: World) -> Message:
    return attachments_pb2.DownloadAttachmentRequest(name=(await _attachment(world)).name)


@method(
    "spilno.reception.v1.Attachments.DownloadSubmissionAttachment",
    OFFICER,
    lambda answer: MARKER in answer.attachment.filename,
)
async def _(world: World) -> Message:
    waits = await waiting_submission(world, with_file=True)
    return attachments_pb2.DownloadSubmissionAttachmentRequest(name=waits.files[0].name)


@method("spilno.reception.v1.Attachments.DeleteAttachment", OFFICER, lambda answer: answer.HasField("delete_time"))
async def _(world: World) -> Message:
    attachment = await _attachment(world)
    return attachments_pb2.DeleteAttachmentRequest(name=attachment.name, etag=attachment.etag)
