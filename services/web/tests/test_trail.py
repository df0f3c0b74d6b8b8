"""The trail in plain words: nothing that it may hold is shown as a method's name."""

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from kit.rpc.access import rule_of
from spilno.cctv.v1 import cameras_pb2, views_pb2
from spilno.contract.v1 import contract_pb2
from spilno.identity.v1 import (
    agreements_pb2,
    controllers_pb2,
    hromadas_pb2,
    integrators_pb2,
    members_pb2,
    organisations_pb2,
    projects_pb2,
    trail_pb2,
    venues_pb2,
)
from spilno.reception.v1 import appeals_pb2, maps_pb2, notices_pb2, officers_pb2, receptions_pb2
from web import trail

CONTRACT = (
    agreements_pb2,
    appeals_pb2,
    cameras_pb2,
    controllers_pb2,
    hromadas_pb2,
    integrators_pb2,
    members_pb2,
    notices_pb2,
    officers_pb2,
    organisations_pb2,
    projects_pb2,
    maps_pb2,
    receptions_pb2,
    trail_pb2,
    venues_pb2,
    views_pb2,
)


def audited() -> list[MethodDescriptor]:
    return [
        method
        for module in CONTRACT
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in descriptor_pool.Default().FindServiceByName(service.full_name).methods
        if rule_of(method).audit != contract_pb2.AUDIT_NONE
    ]


@pytest.mark.parametrize("method", audited(), ids=lambda method: str(method.name))
def test_every_audited_method_is_told_in_words(method: MethodDescriptor) -> None:
    assert trail.deed(str, method.full_name) != method.full_name


@pytest.mark.parametrize(
    ("entry", "who"),
    [
        (trail_pb2.Entry(actor="Координатор", subject="a0"), "Координатор"),
        (trail_pb2.Entry(), "Мешканець"),
        (trail_pb2.Entry(subject="operator.a0"), "Оператор платформи"),
        (trail_pb2.Entry(subject="svc.reception"), "Платформа, без участі людини"),
        (trail_pb2.Entry(subject="a0"), "Особа, якої вже немає в записах"),
    ],
)
def test_who_it_was_is_told_in_words(entry: trail_pb2.Entry, who: str) -> None:
    assert trail.actor(str, entry) == who


@pytest.mark.parametrize("kind", [kind for kind in trail_pb2.FaultKind.values() if kind])
def test_every_fault_is_told_with_its_numbers(kind: "trail_pb2.FaultKind.ValueType") -> None:
    told = trail.fault(str, trail_pb2.Fault(kind=kind, seal=3, service="reception", first=17, last=19))
    assert "%" not in told
    assert kind == trail_pb2.FAULT_KIND_CUT_OFF or any(number in told for number in ("3", "17–19"))
