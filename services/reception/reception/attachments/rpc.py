"""Translates the contract's attachments."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.chain import StreamCall
from kit.rpc.enums import to_contract
from spilno.reception.v1 import attachments_pb2 as pb

from reception.attachments import actions
from reception.attachments.actions import Coming, To
from reception.attachments.model import Attachment


class Attachments(Servicer, contract=pb.DESCRIPTOR.services_by_name["Attachments"]):
    @asynccontextmanager
    async def UploadAttachment(
        self, request: pb.UploadAttachmentRequest, chunks: AsyncIterator[bytes], stream: StreamCall
    ) -> AsyncIterator[Callable[[Call], Awaitable[pb.Attachment]]]:
        coming = Coming(request.filename, request.size, request.sha256)
        async with actions.add(stream, To(uid(request.parent, "parent")), coming, chunks) as keep:

            async def kept(call: Call) -> pb.Attachment:
                return _message(call.hromada, await keep(call))

            yield kept

    @asynccontextmanager
    async def SubmitAttachment(
        self, request: pb.SubmitAttachmentRequest, chunks: AsyncIterator[bytes], stream: StreamCall
    ) -> AsyncIterator[Callable[[Call], Awaitable[pb.SubmittedAttachment]]]:
        coming = Coming(request.filename, request.size, request.sha256)
        async with actions.add_by_code(stream, request.code, coming, chunks) as keep:

            async def kept(call: Call) -> pb.SubmittedAttachment:
                return _submitted(call.hromada, await keep(call))

            yield kept

    async def ListSubmittedAttachments(
        self, request: pb.ListSubmittedAttachmentsRequest, call: Call
    ) -> pb.ListSubmittedAttachmentsResponse:
        found = await actions.of_code(call, request.code)
        return pb.ListSubmittedAttachmentsResponse(attachments=[_submitted(call.hromada, each) for each in found])

    async def ListAttachments(self, request: pb.ListAttachmentsRequest, call: Call) -> pb.ListAttachmentsResponse:
        found = await actions.of_appeal(call, uid(request.parent, "parent"))
        return pb.ListAttachmentsResponse(attachments=[_message(call.hromada, each) for each in found])

    async def DownloadAttachment(
        self, request: pb.DownloadAttachmentRequest, stream: StreamCall
    ) -> AsyncIterator[pb.DownloadAttachmentResponse]:
        async with stream.open() as call:
            attachment, chunks = await actions.opened(
                call, *_ids(request.name), thumbnail=request.view == pb.ATTACHMENT_VIEW_THUMBNAIL
            )
        async for each in _sent(stream.hromada, attachment, chunks):
            yield each

    async def DownloadSubmissionAttachment(
        self, request: pb.DownloadSubmissionAttachmentRequest, stream: StreamCall
    ) -> AsyncIterator[pb.DownloadAttachmentResponse]:
        async with stream.open() as call:
            attachment, chunks = await actions.opened_waiting(
                call, *_ids(request.name), thumbnail=request.view == pb.ATTACHMENT_VIEW_THUMBNAIL
            )
        async for each in _sent(stream.hromada, attachment, chunks):
            yield each

    async def DeleteAttachment(self, request: pb.DeleteAttachmentRequest, call: Call) -> pb.Attachment:
        return _message(call.hromada, await actions.take_away(call, *_ids(request.name), request.etag))


async def _sent(
    hromada: Hromada, attachment: Attachment, chunks: AsyncIterator[bytes]
) -> AsyncIterator[pb.DownloadAttachmentResponse]:
    yield pb.DownloadAttachmentResponse(attachment=_message(hromada, attachment))
    async for chunk in chunks:
        yield pb.DownloadAttachmentResponse(chunk=chunk)


def _ids(name: str) -> tuple[UUID, UUID]:
    """Of the appeal, or of what waits, and of the file."""
    return uid(name.rpartition("/attachments/")[0]), uid(name)


def _name(hromada: Hromada, attachment: Attachment) -> str:
    """Empty of a file on what waits to be sorted."""
    if attachment.appeal_id is None:
        return ""
    return f"{hromada.name}/appeals/{attachment.appeal_id}/attachments/{attachment.id}"


def _message(hromada: Hromada, attachment: Attachment) -> pb.Attachment:
    return pb.Attachment(
        name=_name(hromada, attachment),
        filename=attachment.filename,
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=attachment.sha256,
        has_thumbnail=attachment.thumbnail_size > 0,
        source=to_contract(pb.AttachmentSource, attachment.source),
        create_time=_time(attachment.created_at),
        delete_time=_time(attachment.removed_at),
        etag=attachment.etag,
    )


def _submitted(hromada: Hromada, attachment: Attachment) -> pb.SubmittedAttachment:
    return pb.SubmittedAttachment(
        name=_name(hromada, attachment),
        filename=attachment.filename,
        size=attachment.size,
        create_time=_time(attachment.created_at),
        submission=f"{hromada.name}/submissions/{attachment.submission_id}" if attachment.submission_id else "",
    )


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
