"""The chain: whole it verifies, and no change of it goes unseen or unnamed."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from identity.trail import rules
from identity.trail.rules import Fault, FaultKind, Verification

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
SEALED_AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
LATER = SEALED_AT + timedelta(seconds=1)
Batch = tuple[list[dict[str, Any]], dict[str, Any]]

LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]


def entry(service: str, number: int, method: str = "Appeals.GetAppeal") -> dict[str, Any]:
    return {"service": service, "number": number, "method": method, "subject": "абв", "records": ["appeals/1"]}


def chain(*sizes: int) -> list[Batch]:
    """Seals of batches of so many entries, of two services in turn."""
    batches: list[Batch] = []
    counts = {"reception": 0, "identity": 0}
    for size in sizes:
        entries = []
        for place in range(size):
            service = "reception" if place % 2 else "identity"
            counts[service] += 1
            entries.append(entry(service, counts[service]))
        entries.sort(key=lambda each: (each["service"], each["number"]))
        previous = batches[-1][1] if batches else None
        seal = rules.sealed(entries, hromada="tatarbunary", previous=previous, at="2026-11-24T02:00:00Z", key=KEY)
        batches.append((entries, seal))
    return batches


def verified(batches: list[Batch], **known: str) -> list[Fault]:
    export = b"".join(rules.lines(entries, seal) for entries, seal in batches)
    return rules.verify_lines(export.splitlines(), PUBLIC, "tatarbunary").finish(
        {int(number): hash for number, hash in known.items()}
    )


def kinds(faults: list[Fault]) -> set[FaultKind]:
    return {fault.kind for fault in faults}


def test_the_tree_is_that_of_rfc_6962() -> None:
    """The known answers of certificate-transparency's own tests."""
    hashed = [sha256(b"\x00" + each).digest() for each in LEAVES]
    assert rules.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert rules.root(hashed[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert rules.root(hashed[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert rules.root(hashed).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=40, unique=True), st.data())
def test_every_leaf_and_its_place_count(leaves: list[bytes], data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(range(len(leaves))))[:2]
    swapped = list(leaves)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    without = leaves[:one] + leaves[one + 1 :]
    assert len({rules.root(leaves), rules.root(swapped), rules.root(without)}) == 3


@given(st.lists(st.integers(1, 12), max_size=5))
def test_a_whole_chain_verifies(sizes: list[int]) -> None:
    assert verified(chain(*sizes)) == []


@given(st.lists(st.integers(2, 9), min_size=1, max_size=4), st.data())
def test_an_entry_taken_out_altered_or_put_in_is_named(sizes: list[int], data: st.DataObject) -> None:
    batches = chain(*sizes)
    where = data.draw(st.integers(0, len(sizes) - 1))
    entries = batches[where][0]
    place = data.draw(st.integers(0, len(entries) - 1))
    touched = entries[place]
    match data.draw(st.sampled_from(["remove", "alter", "insert"])):
        case "remove":
            del entries[place]
            due = Fault(FaultKind.ENTRY_REMOVED, where + 1, first=place + 1, last=place + 1)
        case "alter":
            entries[place] = {**touched, "method": "Appeals.AnswerAppeal"}
            due = Fault(FaultKind.ENTRY_ALTERED, where + 1, touched["service"], touched["number"], touched["number"])
        case _:
            entries.insert(place, entry("web", 1))
            due = Fault(FaultKind.ENTRY_INSERTED, where + 1, "web", 1, 1)
    assert due in verified(batches)


def test_entries_in_another_order_are_seen() -> None:
    batches = chain(4)
    batches[0][0].reverse()
    assert verified(batches) == [Fault(FaultKind.ENTRIES_REORDERED, 1)]


def test_a_removed_batch_is_named_and_so_are_the_numbers_it_held() -> None:
    batches = chain(2, 2, 2)
    del batches[1]
    assert verified(batches) == [
        Fault(FaultKind.SEAL_MISSING, 3, first=2, last=2),
        Fault(FaultKind.NUMBERS_MISSING, service="identity", first=2, last=2),
        Fault(FaultKind.NUMBERS_MISSING, service="reception", first=2, last=2),
    ]


def test_two_batches_in_each_others_place_are_seen() -> None:
    batches = chain(2, 2, 2)
    batches[1], batches[2] = batches[2], batches[1]
    assert FaultKind.SEAL_MISSING in kinds(verified(batches))


@pytest.mark.parametrize("field", ["at", "count", "root", "previous", "reached", "signature"])
def test_a_seal_of_which_anything_was_altered_is_seen(field: str) -> None:
    batches = chain(2, 2)
    other = chain(3, 3)[1][1]
    batches[1][1][field] = {} if field == "reached" else "2027" if field == "at" else other[field]
    assert Fault(FaultKind.SIGNATURE_FORGED, 2) in verified(batches)


def test_entries_and_their_list_altered_together_do_not_fit_the_root() -> None:
    batches = chain(3)
    batches[0][0][0]["subject"] = "somebody else"
    batches[0][1]["leaves"] = [rules.leaf(each).hex() for each in batches[0][0]]
    assert verified(batches) == [Fault(FaultKind.SEAL_ALTERED, 1)]


def test_a_chain_sealed_anew_by_another_key_is_forged() -> None:
    entries, _ = chain(2)[0]
    forged = rules.sealed(
        entries, hromada="tatarbunary", previous=None, at="2026", key=Ed25519PrivateKey.from_private_bytes(bytes(32))
    )
    assert verified([(entries, forged)]) == [Fault(FaultKind.SIGNATURE_FORGED, 1)]


def test_a_tail_cut_off_is_seen_only_by_whom_a_later_hash_was_told() -> None:
    batches = chain(2, 2)
    head = rules.seal_hash(batches[1][1])
    assert verified(batches[:1]) == []
    assert verified(batches[:1], **{"2": head}) == [Fault(FaultKind.CUT_OFF, 2)]
    assert verified(batches, **{"2": head}) == []
    assert verified(batches, **{"2": "another"}) == [Fault(FaultKind.SEAL_ALTERED, 2)]


def test_a_tail_cut_off_leaves_a_hole_as_soon_as_another_entry_comes() -> None:
    batches = chain(2, 2)
    later = [entry("identity", 3)]
    again = rules.sealed(later, hromada="tatarbunary", previous=batches[0][1], at="2026", key=KEY)
    assert verified([batches[0], (later, again)]) == [
        Fault(FaultKind.NUMBERS_MISSING, service="identity", first=2, last=2)
    ]


def test_entries_after_the_last_seal_are_nobodys() -> None:
    batches = chain(2)
    export = [*rules.lines(*batches[0]).splitlines(), rules.canonical({"entry": entry("identity", 2)})]
    assert rules.verify_lines(export, PUBLIC, "tatarbunary").faults == [
        Fault(FaultKind.ENTRY_INSERTED, 2, "identity", 2, 2)
    ]


def test_another_hromadas_export_is_refused() -> None:
    with pytest.raises(ValueError, match="another hromada"):
        rules.verify_lines(rules.lines(*chain(1)[0]).splitlines(), PUBLIC, "kamianets")


def test_a_window_of_the_chain_verifies_by_itself() -> None:
    first, *rest = chain(3, 3, 3)
    verification = Verification(PUBLIC, since=first[1])
    for entries, seal in rest:
        verification.take(seal, entries)
    assert verification.finish() == []


def test_a_row_that_comes_late_makes_no_hole_in_a_window() -> None:
    [(before, first)] = chain(4)
    again = [entry("identity", 1), entry("identity", 3)]
    late = rules.sealed(again, hromada="tatarbunary", previous=first, at="2026", key=KEY)
    verification = Verification(PUBLIC, since=first)
    verification.take(late, again)
    assert (len(before), verification.finish()) == (4, [])


@given(st.lists(st.integers(1, 30), unique=True, max_size=20), st.integers(0, 5))
def test_a_hole_holds_up_what_comes_after_it_until_patience_ends(numbers: list[int], last: int) -> None:
    waiting = sorted(number for number in numbers if number > last)
    patient = rules.batch({"reception": waiting}, {"reception": last}, patient=True).get("reception", last)
    assert set(range(last + 1, patient + 1)) <= set(waiting)
    assert patient + 1 not in waiting
    impatient = rules.batch({"reception": waiting}, {"reception": last}, patient=False)
    assert impatient.get("reception", last) == max(waiting, default=last)


@given(st.sampled_from(FaultKind))
def test_every_fault_can_be_told(kind: FaultKind) -> None:
    assert "{" not in str(Fault(kind, 3, "reception", 17, 19))


@pytest.mark.parametrize(
    ("now", "since"),
    [("2026-01-01T00:00+02:00", "2025-01-01T00:00+02:00"), ("2025-12-31T23:59+02:00", "2024-01-01T00:00+02:00")],
)
def test_an_entry_is_kept_for_a_year_after_the_end_of_its_own(now: str, since: str) -> None:
    assert rules.kept_since(datetime.fromisoformat(now)) == datetime.fromisoformat(since)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=6),
    gone=st.integers(1, 6),
    kept_since=st.sampled_from([SEALED_AT, LATER]),
)
def test_only_what_is_old_may_be_gone_from_the_beginning(sizes: list[int], gone: int, kept_since: datetime) -> None:
    batches = chain(*sizes)
    gone = min(gone, len(batches))
    left = [([], batches[gone - 1][1]), *batches[gone:]]
    export = b"".join(rules.lines(entries, seal) for entries, seal in left).splitlines()
    faults = rules.verify_lines(export, PUBLIC, "tatarbunary", kept_since).finish()
    assert (faults == []) == (kept_since == LATER)


def test_an_old_seal_without_its_entries_stands_at_the_beginning_only() -> None:
    batches = chain(2, 2, 2)
    emptied = [batches[0], ([], batches[1][1]), batches[2]]
    export = b"".join(rules.lines(entries, seal) for entries, seal in emptied).splitlines()
    faults = rules.verify_lines(export, PUBLIC, "tatarbunary", LATER).finish()
    assert {fault.kind for fault in faults} >= {FaultKind.ENTRY_REMOVED}


def test_an_old_seal_that_is_the_beginning_must_be_signed() -> None:
    (_, first), second = chain(2, 2)
    forged = {**first, "at": "2020-01-01T00:00:00Z"}
    export = b"".join(rules.lines(entries, seal) for entries, seal in [([], forged), second]).splitlines()
    faults = rules.verify_lines(export, PUBLIC, "tatarbunary", SEALED_AT).finish()
    assert FaultKind.SIGNATURE_FORGED in {fault.kind for fault in faults}
