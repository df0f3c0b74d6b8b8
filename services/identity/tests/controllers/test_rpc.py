"""Controller and processor over gRPC."""

from typing import Any
from uuid import uuid4

import grpc
import pytest
from identity.testing import Office, as_whom
from kit.rpc.client import Failure
from spilno.identity.v1 import controllers_pb2 as pb
from spilno.identity.v1 import members_pb2
from spilno.identity.v1.controllers_pb2_grpc import ControllersStub


def stub(office: Office) -> Any:
    return ControllersStub(office.identity.channel)


async def record(office: Office, token: str | None = None, locale: str = "en", **changes: Any) -> pb.Controller:
    said: dict[str, Any] = {
        "parent": office.name,
        "controller": pb.BODY_KIND_NGO,
        "controller_title": "Одеська обласна організація КВУ",
        "processor": pb.BODY_KIND_NGO,
        "processor_title": "Одеська обласна організація КВУ",
        "basis": "Згода суб’єкта персональних даних",
        "since": "2017-02-01",
        "request_id": str(uuid4()),
        **changes,
    }
    with as_whom(token or await office.as_head(), locale):
        recorded: pb.Controller = await stub(office).RecordController(pb.RecordControllerRequest(**said))
    return recorded


async def test_the_newest_record_is_first_and_the_one_whose_day_has_come_is_in_force(office: Office) -> None:
    await record(office)
    await record(office, since="2019-01-01", processor=pb.BODY_KIND_PRIVATE)
    await record(office, since="2999-01-01", controller=pb.BODY_KIND_MUNICIPAL, processor=pb.BODY_KIND_MUNICIPAL)
    with as_whom(await office.as_head()):
        listed = await stub(office).ListControllers(pb.ListControllersRequest(parent=office.name))
    assert [(each.since, each.current) for each in listed.controllers] == [
        ("2999-01-01", False),
        ("2019-01-01", True),
        ("2017-02-01", False),
    ]


@pytest.mark.parametrize(("locale", "words"), [("uk", "стаття 4, частина 3"), ("en", "article 4, part 3")])
async def test_a_council_hosted_by_an_ngo_is_refused_with_the_laws_words(
    office: Office, locale: str, words: str
) -> None:
    with pytest.raises(Failure) as failure:
        await record(office, locale=locale, controller=pb.BODY_KIND_MUNICIPAL)
    assert failure.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert words in failure.value.fields["processor"]


async def test_a_record_that_is_not_after_the_earlier_is_refused_at_its_day(office: Office) -> None:
    await record(office)
    with pytest.raises(Failure) as failure:
        await record(office)
    assert set(failure.value.fields) == {"since"}


async def test_a_coordinator_reads_but_does_not_record(office: Office) -> None:
    person, _ = await office.member(members_pb2.ROLE_COORDINATOR)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    with as_whom(token):
        assert not (await stub(office).ListControllers(pb.ListControllersRequest(parent=office.name))).controllers
    with pytest.raises(Failure) as failure:
        await record(office, token)
    assert failure.value.code is grpc.StatusCode.PERMISSION_DENIED
