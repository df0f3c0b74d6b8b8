"""What a change says, laid over what is kept."""

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from kit.errors import Refused
from kit.rpc.errors import Unfit
from kit.rpc.masks import judge, merged
from spilno.feed.v1.feed_pb2 import Event, WatchRequest

KEPT = Event(id="1", cursor="c", subject="s")
KEPT.time.FromSeconds(5)


def test_only_the_fields_of_the_mask_change() -> None:
    changed = merged(KEPT, Event(id="2", cursor="d"), FieldMask(paths=["cursor"]))
    assert (changed.id, changed.cursor, changed.time.seconds) == ("1", "d", 5)


def test_a_field_of_the_mask_that_is_not_said_is_cleared() -> None:
    changed = merged(KEPT, Event(), FieldMask(paths=["subject", "time"]))
    assert (changed.subject, changed.HasField("time"), changed.id) == ("", False, "1")


def test_an_empty_mask_means_everything() -> None:
    assert merged(KEPT, Event(id="2"), FieldMask()) == Event(id="2")


def test_what_is_kept_stays_as_it_was() -> None:
    before = Event.FromString(KEPT.SerializeToString())
    merged(KEPT, Event(id="2"), FieldMask())
    assert before == KEPT


@pytest.mark.parametrize("path", ["no_such", "time.seconds", ""])
def test_a_mask_that_names_no_field_is_refused(path: str) -> None:
    with pytest.raises(Refused) as refusal:
        merged(KEPT, Event(), FieldMask(paths=[path]))
    assert refusal.value.field == "update_mask"


def test_what_breaks_the_contract_is_unfit() -> None:
    judge(WatchRequest(parent="hromadas/h"))
    with pytest.raises(Unfit):
        judge(WatchRequest())
