"""`update_mask`: what a change says, laid over what is kept, and held against the contract's rules as a whole."""

from typing import TypeVar

import protovalidate
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from kit.errors import Refused
from kit.rpc.errors import Unfit

M = TypeVar("M", bound=Message)


def merged(kept: M, said: M, mask: FieldMask) -> M:
    """The kept message with the fields of the mask as they are said; with all of them when the mask is empty.

    Raises:
        Refused: the mask names what is no field; at `update_mask`.
    """
    known = kept.DESCRIPTOR.fields_by_name
    for path in mask.paths:
        if path not in known:
            raise Refused("update_mask", "update-mask.unknown-field", name=path[:60])
    whole = type(kept)()
    whole.CopyFrom(kept)
    for name in mask.paths or known:
        whole.ClearField(name)
        field = known[name]
        if field.is_repeated or field.message_type is not None:
            if field.is_repeated or said.HasField(name):
                getattr(whole, name).MergeFrom(getattr(said, name))
        elif not field.has_presence or said.HasField(name):
            setattr(whole, name, getattr(said, name))
    return whole


def judge(request: Message) -> None:
    """Holds a change, told as the request that would make the resource anew, against the contract.

    Raises:
        Unfit: it breaks a rule; the caller is told all of them.
    """
    if protovalidate.collect_violations(request):
        raise Unfit(request)
