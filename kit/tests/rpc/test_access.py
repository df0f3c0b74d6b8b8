"""Who may call what: every kind of access against every kind of caller, in one table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kit.auth.authority import Authorisation
from kit.auth.tokens import Bearer
from kit.call import Caller, Hromada
from kit.clock import SystemClock
from kit.errors import Away, Denied, Missing, Refused, Unknown, WrongState
from kit.rpc.access import Callers, Rule, admit, rule_of
from sample.contract import CARELESS, FORGETFUL, NOTES, BatchGetNotesRequest, WriteNoteRequest
from spilno.contract.v1.contract_pb2 import AUDIT_NONE, Access
from uuid_utils.compat import uuid7

HERE, SUSPENDED, NOWHERE = "tatarbunary", "suspended", "nowhere"
IDS = {HERE: uuid7(), SUSPENDED: uuid7(), "kamianets": uuid7()}
NOTES_READ = frozenset({"notes.read"})
PAST, FUTURE = datetime.now(UTC) - timedelta(seconds=1), datetime.now(UTC) + timedelta(days=1)

KNOWN: dict[tuple[str, str], Authorisation] = {
    (HERE, "member"): Authorisation(None, display_name="Олена", permissions=NOTES_READ, until=FUTURE),
    (HERE, "colleague"): Authorisation(None, permissions=frozenset({"notes.write"})),
    (HERE, "ended"): Authorisation(None, permissions=NOTES_READ, until=PAST),
    (HERE, "int.here"): Authorisation(None, permissions=NOTES_READ, integrator=True),
    (HERE, "int.revoked"): Authorisation(None),
    ("kamianets", "neighbour"): Authorisation(None, permissions=NOTES_READ),
    ("kamianets", "int.there"): Authorisation(None, permissions=NOTES_READ, integrator=True),
    (SUSPENDED, "member"): Authorisation(None, permissions=NOTES_READ),
    (SUSPENDED, "int.here"): Authorisation(None, permissions=NOTES_READ, integrator=True),
    ("", "operator"): Authorisation(None, permissions=frozenset({"hromadas.list"})),
    ("", "former-operator"): Authorisation(None, permissions=frozenset({"hromadas.list"}), until=PAST),
}


class Identity:
    async def of(self, hromada: str, subject: str) -> Authorisation:
        if hromada and hromada not in IDS:
            raise Missing
        known = KNOWN.get((hromada, subject), Authorisation(None))
        return replace(known, hromada_id=IDS.get(hromada), suspended=hromada == SUSPENDED)


class IdentityAway:
    async def of(self, hromada: str, subject: str) -> Authorisation:
        raise Away("identity.away")


def bearer(subject: str, hromada: str = "") -> Bearer:
    return Bearer(subject, hromada, subject.removeprefix("svc.") if subject.startswith("svc.") else "", 9e9)


def callers(principal: Bearer | None, through: str = "") -> Callers:
    return Callers(principal, bearer(f"svc.{through}") if through else None, "10.0.0.1")


MEMBER = bearer("member", HERE)
WHO = {
    "nobody": callers(None),
    "a member with the permission": callers(MEMBER),
    "the same through web": callers(MEMBER, "web"),
    "the same through another service": callers(MEMBER, "reception"),
    "a member without the permission": callers(bearer("colleague", HERE)),
    "a member whose time has ended": callers(bearer("ended", HERE)),
    "a person whom identity does not know": callers(bearer("stranger", HERE)),
    "a neighbour": callers(bearer("neighbour", "kamianets")),
    "a neighbour through web": callers(bearer("neighbour", "kamianets"), "web"),
    "a person of no hromada, or of two": callers(bearer("member")),
    "an integrator": callers(bearer("int.here", HERE)),
    "a revoked integrator": callers(bearer("int.revoked", HERE)),
    "a foreign integrator": callers(bearer("int.there", "kamianets")),
    "an operator": callers(bearer("operator")),
    "an operator through web": callers(bearer("operator"), "web"),
    "a former operator": callers(bearer("former-operator")),
    "web": callers(None, "web"),
    "web, by its principal token": callers(bearer("svc.web")),
    "another service": callers(None, "reception"),
}
ACCESS = {
    "permission": Access(permission="notes.read"),
    "platform": Access(platform="hromadas.list"),
    "public": Access(public=True),
    "signed_in": Access(signed_in=True),
    "service": Access(service=True),
}
TABLE = """
                                     | permission | platform | public  | signed_in | service
nobody                               | Unknown    | Unknown  | Unknown | Unknown   | Unknown
a member with the permission         | yes        | Denied   | Denied  | yes       | Denied
the same through web                 | yes        | Denied   | yes     | yes       | yes
the same through another service     | yes        | Denied   | Denied  | yes       | yes
a member without the permission      | Denied     | Denied   | Denied  | yes       | Denied
a member whose time has ended        | Denied     | Denied   | Denied  | yes       | Denied
a person whom identity does not know | Denied     | Denied   | Denied  | yes       | Denied
a neighbour                          | Missing    | Denied   | Missing | Missing   | Denied
a neighbour through web              | Missing    | Denied   | yes     | Missing   | yes
a person of no hromada, or of two    | Denied     | Denied   | Denied  | Denied    | Denied
an integrator                        | yes        | Denied   | yes     | yes       | Denied
a revoked integrator                 | Denied     | Denied   | Denied  | yes       | Denied
a foreign integrator                 | Missing    | Denied   | Missing | Missing   | Denied
an operator                          | Denied     | yes      | Denied  | Denied    | Denied
an operator through web              | Denied     | yes      | yes     | Denied    | yes
a former operator                    | Denied     | Denied   | Denied  | Denied    | Denied
web                                  | Unknown    | Unknown  | yes     | Unknown   | yes
web, by its principal token          | Unknown    | Unknown  | yes     | Unknown   | yes
another service                      | Unknown    | Unknown  | Unknown | Unknown   | yes
"""
REFUSALS = {"Unknown": Unknown, "Denied": Denied, "Missing": Missing}
CELLS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip("\n").splitlines()]
KINDS = CELLS[0][1:]
ROWS = [(row[0], kind, cell) for row in CELLS[1:] for kind, cell in zip(KINDS, row[1:], strict=True)]


async def admitted(kind: str, who: Callers, slug: str = HERE, identity: Any = None) -> tuple[Caller, Hromada | None]:
    return await admit(Rule(ACCESS[kind], AUDIT_NONE, ()), who, slug, identity or Identity(), SystemClock())


def test_every_caller_has_a_row() -> None:
    assert [row[0] for row in CELLS[1:]] == list(WHO)


def test_every_kind_of_access_has_a_column() -> None:
    assert KINDS == list(ACCESS) == [field.name for field in Access.DESCRIPTOR.oneofs_by_name["who"].fields]


@pytest.mark.parametrize(("who", "kind", "outcome"), ROWS)
async def test_the_table(who: str, kind: str, outcome: str) -> None:
    if outcome == "yes":
        await admitted(kind, WHO[who])
    else:
        with pytest.raises(REFUSALS[outcome]):
            await admitted(kind, WHO[who])


class TestSuspended:
    @pytest.mark.parametrize("kind", ["permission", "signed_in"])
    async def test_a_suspended_hromada_refuses_its_own(self, kind: str) -> None:
        with pytest.raises(WrongState):
            await admitted(kind, callers(bearer("member", SUSPENDED)), SUSPENDED)

    @pytest.mark.parametrize("who", [callers(None, "web"), callers(bearer("int.here", SUSPENDED))], ids=["web", "int"])
    async def test_a_suspended_hromada_refuses_its_residents(self, who: Callers) -> None:
        with pytest.raises(WrongState):
            await admitted("public", who, SUSPENDED)

    async def test_a_neighbour_does_not_learn_that_a_hromada_is_suspended(self) -> None:
        with pytest.raises(Missing):
            await admitted("permission", WHO["a neighbour"], SUSPENDED)

    async def test_services_go_on_asking_about_a_suspended_hromada(self) -> None:
        assert await admitted("service", WHO["web"], SUSPENDED)


class TestNowhere:
    @pytest.mark.parametrize(
        ("kind", "who"),
        [
            ("permission", callers(bearer("member", NOWHERE))),
            ("public", callers(None, "web")),
            ("public", callers(bearer("int.here", NOWHERE))),
            ("service", callers(None, "web")),
        ],
        ids=["a member", "a resident", "an integrator", "a service"],
    )
    async def test_a_hromada_that_does_not_exist_is_missing(self, kind: str, who: Callers) -> None:
        with pytest.raises(Missing):
            await admitted(kind, who, NOWHERE)

    @pytest.mark.parametrize("kind", ["permission", "signed_in", "public"])
    async def test_a_request_that_names_no_hromada_is_missing(self, kind: str) -> None:
        with pytest.raises(Missing):
            await admitted(kind, WHO["web" if kind == "public" else "a member with the permission"], "")

    async def test_a_service_may_ask_of_no_hromada(self) -> None:
        assert (await admitted("service", WHO["web"], ""))[1] is None

    @pytest.mark.parametrize("kind", ["permission", "platform", "signed_in", "public"])
    async def test_while_identity_is_away_nobody_is_let_in(self, kind: str) -> None:
        who = {"platform": "an operator", "public": "web"}.get(kind, "a member with the permission")
        with pytest.raises(Away):
            await admitted(kind, WHO[who], HERE, IdentityAway())


class TestAsWhom:
    async def test_a_member_calls_by_their_name_in_the_hromada(self) -> None:
        caller, hromada = await admitted("permission", WHO["the same through web"])
        assert caller == Caller("member", "Олена", NOTES_READ, service="web", address="10.0.0.1")
        assert hromada == Hromada(HERE, IDS[HERE])

    async def test_a_resident_is_nobody_even_when_somebody_is_signed_in_at_the_browser(self) -> None:
        caller, hromada = await admitted("public", WHO["the same through web"])
        assert caller == Caller("", service="web", address="10.0.0.1")
        assert hromada == Hromada(HERE, IDS[HERE])

    async def test_an_integrator_calls_as_one(self) -> None:
        assert (await admitted("public", WHO["an integrator"]))[0].integrator

    async def test_an_operator_sees_no_hromadas_rows(self) -> None:
        assert (await admitted("platform", WHO["an operator"]))[1] is None

    async def test_a_service_calls_in_its_own_name_whoever_it_speaks_for(self) -> None:
        caller, _ = await admitted("service", WHO["the same through web"])
        assert (caller.subject, caller.service, caller.permissions) == ("", "web", frozenset())


class TestRules:
    def test_a_method_that_declares_no_access_stops_the_start(self) -> None:
        with pytest.raises(TypeError, match=r"spilno\.kit\.v1\.Careless\.WriteNote declares no access"):
            rule_of(CARELESS.methods_by_name["WriteNote"])

    def test_a_method_that_declares_no_audit_stops_the_start(self) -> None:
        with pytest.raises(TypeError, match=r"spilno\.kit\.v1\.Forgetful\.WriteNote declares no audit"):
            rule_of(FORGETFUL.methods_by_name["WriteNote"])

    def test_a_rule_is_what_the_method_declares(self) -> None:
        assert rule_of(NOTES.methods_by_name["WriteNote"]).access.permission == "notes.write"


def hromada_of(method: str, request: Any) -> str:
    return rule_of(NOTES.methods_by_name[method]).name_of_hromada(request)


def note(hromada: str) -> str:
    return f"hromadas/{hromada}/notes/{uuid7()}"


class TestNames:
    def test_the_hromada_of_a_request_is_that_of_its_names(self) -> None:
        assert hromada_of("WriteNote", WriteNoteRequest(parent="hromadas/tatarbunary")) == "tatarbunary"

    def test_a_request_without_names_is_of_no_hromada(self) -> None:
        assert hromada_of("WriteNote", WriteNoteRequest()) == ""

    def test_a_request_with_names_of_one_hromada_is_of_it(self) -> None:
        request = BatchGetNotesRequest(parent="hromadas/a", names=[note("a"), note("a")])
        assert hromada_of("BatchGetNotes", request) == "a"

    @pytest.mark.parametrize(
        ("request_", "field"),
        [
            (BatchGetNotesRequest(parent="hromadas/a", names=[note("b")]), "names"),
            (BatchGetNotesRequest(names=[note("a"), note("b")]), "names"),
            (BatchGetNotesRequest(parent="hromadas/a", names=[note("a"), note("b")]), "names"),
        ],
        ids=["a parent and a name", "two names", "the last of several"],
    )
    def test_names_of_two_hromadas_in_one_request_are_refused(self, request_: Any, field: str) -> None:
        with pytest.raises(Refused) as refusal:
            hromada_of("BatchGetNotes", request_)
        assert (refusal.value.field, refusal.value.reason) == (field, "name.two-hromadas")

    @pytest.mark.parametrize(
        "name",
        [
            "tatarbunary",
            "hromadas/",
            "hromadas/Tatarbunary",
            "hromadas/татарбунари",
            "hromadas/-a",
            "hromadas/a/",
            "hromadas/a/notes",
            "hromadas/a\n",
            " hromadas/a",
            "hromadas/a%2F",
            "hromadas/../a",
            "hromadas/" + "a" * 64,
            "oblasti/a",
        ],
    )
    def test_a_malformed_name_is_refused_at_its_field(self, name: str) -> None:
        with pytest.raises(Refused) as refusal:
            hromada_of("WriteNote", WriteNoteRequest(parent=name))
        assert (refusal.value.field, refusal.value.reason) == ("parent", "name.malformed")
