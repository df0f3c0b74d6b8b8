"""Translates the contract's register and its classifier."""

from collections.abc import Mapping

from kit.call import Call, Hromada
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import particulars_pb2
from spilno.reception.v1 import register_pb2 as pb

from reception.appeals.rules import Priority
from reception.classifier import rules as classifier
from reception.receptions.rules import read_date
from reception.register import actions
from reception.register.model import Register
from reception.register.rules import IndexMode, Privilege, Settings


class Registers(Servicer, contract=pb.DESCRIPTOR.services_by_name["Registers"]):
    async def GetRegister(self, request: pb.GetRegisterRequest, call: Call) -> pb.Register:
        return _message(call.hromada, await actions.require_open(call), await actions.years(call))

    async def UpdateRegister(self, request: pb.UpdateRegisterRequest, call: Call) -> pb.Register:
        row = await actions.update(call, request.etag, _said(request.register))
        return _message(call.hromada, row, await actions.years(call))

    async def GetClassifier(self, request: pb.GetClassifierRequest, call: Call) -> pb.Classifier:
        edition = classifier.edition(call.today)
        return pb.Classifier(author=_codes(edition.author, call), subjects=_codes(edition.subjects, call))


def _codes(names: Mapping[str, tuple[str, str]], call: Call) -> list[pb.ClassifierCode]:
    place = 1 if call.locale == "en" else 0
    return [pb.ClassifierCode(code=code, title=title[place]) for code, title in names.items()]


def _said(draft: pb.RegisterDraft) -> Settings:
    return Settings(
        from_contract(IndexMode, pb.IndexMode, draft.index_mode),
        tuple(
            Privilege(
                read_date(each.since, "register.privileged"),
                each.code,
                from_contract(Priority, particulars_pb2.Priority, each.priority),
            )
            for each in draft.privileged
        ),
    )


def _message(hromada: Hromada, row: Register, years: list[actions.Year]) -> pb.Register:
    settings = actions.said(row)
    return pb.Register(
        name=f"{hromada.name}/registers/appeals",
        register=pb.RegisterDraft(
            index_mode=to_contract(pb.IndexMode, settings.index_mode),
            privileged=[
                pb.Privilege(
                    since=each.since.isoformat(),
                    code=each.code,
                    priority=to_contract(particulars_pb2.Priority, each.priority),
                )
                for each in settings.privileged
            ],
        ),
        years=[pb.RegisterYear(year=each.year, last=each.last, missing=each.missing) for each in years],
        etag=row.etag,
    )
