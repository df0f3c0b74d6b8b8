"""How the trail is sealed, and how it is verified, with nothing but the public key.

Entries and seals are lines of canonical JSON. A seal holds the root of a Merkle tree of its entries (RFC 6962, 2.1),
the hash of the seal before it and an Ed25519 signature. It also lists the hashes of its entries: the root proves the
list, and the list says which entry it is that was touched.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from hashlib import sha256
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

GENESIS = "0" * 64
"""Before the first seal."""
Content = dict[str, Any]
_KYIV = ZoneInfo("Europe/Kyiv")


class FaultKind(StrEnum):
    SEAL_MISSING = auto()
    SEAL_ALTERED = auto()
    SIGNATURE_FORGED = auto()
    ENTRY_ALTERED = auto()
    ENTRY_REMOVED = auto()
    ENTRY_INSERTED = auto()
    ENTRIES_REORDERED = auto()
    NUMBERS_MISSING = auto()
    CUT_OFF = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    kind: FaultKind
    seal: int = 0
    service: str = ""
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        span = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        where = f"entry {self.service} {span}" if self.service else f"entry at place {span}"
        return _TOLD[self.kind].format(seal=self.seal, service=self.service, span=span, where=where)


_TOLD = {
    FaultKind.SEAL_MISSING: "seals {span} are missing",
    FaultKind.SEAL_ALTERED: "seal {seal} was altered or does not follow the one before it",
    FaultKind.SIGNATURE_FORGED: "seal {seal} has a signature that the key did not make",
    FaultKind.ENTRY_ALTERED: "seal {seal}: {where} was altered",
    FaultKind.ENTRY_REMOVED: "seal {seal}: {where} was removed",
    FaultKind.ENTRY_INSERTED: "seal {seal}: {where} was inserted",
    FaultKind.ENTRIES_REORDERED: "seal {seal}: its entries were put in another order",
    FaultKind.NUMBERS_MISSING: "{service}: numbers {span} are missing",
    FaultKind.CUT_OFF: "the trail does not hold seal {seal}, which is known from elsewhere",
}


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write it: keys in order, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(entry: Mapping[str, Any]) -> bytes:
    """The hash of an entry, as a leaf of its tree."""
    return sha256(b"\x00" + canonical(entry)).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the Merkle tree of these leaves (RFC 6962, 2.1)."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()


def seal_hash(seal: Mapping[str, Any]) -> str:
    """By which the next seal holds on to this one."""
    return sha256(canonical({name: value for name, value in seal.items() if name != "leaves"})).hexdigest()


def key_id(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_key(text: bytes) -> Ed25519PublicKey:
    """The key of a PEM file.

    Raises:
        ValueError: it is no such file, or another kind of key.
    """
    key = load_pem_public_key(text)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def sealed(
    entries: Sequence[Mapping[str, Any]],
    *,
    hromada: str,
    previous: Mapping[str, Any] | None,
    at: str,
    key: Ed25519PrivateKey,
) -> Content:
    """The seal of a batch, after the previous one if there is one."""
    leaves = [leaf(entry) for entry in entries]
    reached: dict[str, int] = dict(previous["reached"]) if previous else {}
    first: dict[str, int] = {}
    for entry in entries:
        service, number = entry["service"], entry["number"]
        first[service] = min(first.get(service, number), number)
        reached[service] = max(reached.get(service, 0), number)
    signed = {
        "hromada": hromada,
        "number": previous["number"] + 1 if previous else 1,
        "at": at,
        "count": len(entries),
        "first": first,
        "reached": reached,
        "root": root(leaves).hex(),
        "previous": seal_hash(previous) if previous else GENESIS,
        "key": key_id(key.public_key()),
    }
    return {**signed, "signature": key.sign(canonical(signed)).hex(), "leaves": [each.hex() for each in leaves]}


def batch(waiting: Mapping[str, Sequence[int]], last: Mapping[str, int], *, patient: bool) -> dict[str, int]:
    """Up to which number of each service to seal now: not beyond a hole while its rows may still be on their way.

    Args:
        waiting: the numbers that wait, by service, in order.
        last: the last number that was sealed, by service.
        patient: wait for what fills a hole; otherwise seal, and let the hole be seen.
    """
    upto: dict[str, int] = {}
    for service, numbers in waiting.items():
        reached = last.get(service, 0)
        for number in numbers:
            if patient and number > reached + 1:
                break
            reached = max(reached, number)
            upto[service] = reached
    return upto


def kept_since(now: datetime) -> datetime:
    """What was sealed before then is removed: an operation with personal data is kept for a year after the end of the
    year in which it was done (Typical procedure of the Ombudsman, order 1/02-14)."""
    return datetime(now.astimezone(_KYIV).year - 1, 1, 1, tzinfo=_KYIV)


@dataclass(frozen=True, slots=True)
class Former:
    """A key that sealed the trail elsewhere, before the hromada came here."""

    key: Ed25519PublicKey
    upto: int
    """The number of its last seal."""


@dataclass(slots=True)
class Verification:
    """Holds lines against the chain, one batch at a time."""

    key: Ed25519PublicKey
    since: Mapping[str, Any] | None = None
    """The seal before the first, which is taken as it stands; None: from the beginning."""
    kept_since: datetime | None = None
    """A first seal made before then may stand without its entries, which were removed in their time; None: none may."""
    former: Mapping[str, Former] = field(default_factory=dict)
    """By their ids the keys of other installations, which count for their own seals only."""
    faults: list[Fault] = field(default_factory=list)
    seals: int = 0
    entries: int = 0
    head: str = GENESIS
    number: int = 0
    hashes: dict[int, str] = field(default_factory=dict)
    _numbers: dict[str, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.since is not None:
            self._reach(self.since)

    def take(self, seal: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
        """The next seal, with the entries that stand under it."""
        self._check_signature(seal)
        if self.number == 0 and not entries and self._is_old(seal):
            self.since = seal
        else:
            self._check_place(seal)
            self._check_entries(seal, entries)
            self.seals += 1
            self.entries += len(entries)
        self._reach(seal)

    def finish(self, known: Mapping[int, str] | None = None) -> list[Fault]:
        """Every fault, once the last seal was taken.

        Args:
            known: hashes of seals that were written down elsewhere, by number.
        """
        for service, numbers in sorted(self._numbers.items()):
            start = (self.since["reached"] if self.since else {}).get(service, 0) + 1
            for first, last in _ranges(sorted(set(range(start, max(numbers) + 1)) - numbers)):
                self.faults.append(Fault(FaultKind.NUMBERS_MISSING, service=service, first=first, last=last))
        for number, hash in (known or {}).items():
            if number > self.number:
                self.faults.append(Fault(FaultKind.CUT_OFF, seal=number))
            elif self.hashes.get(number, hash) != hash:
                self.faults.append(Fault(FaultKind.SEAL_ALTERED, seal=number))
        return self.faults

    def _reach(self, seal: Mapping[str, Any]) -> None:
        self.number, self.head = seal["number"], seal_hash(seal)
        self.hashes[self.number] = self.head

    def _is_old(self, seal: Mapping[str, Any]) -> bool:
        return self.kept_since is not None and datetime.fromisoformat(seal["at"]) < self.kept_since

    def _check_place(self, seal: Mapping[str, Any]) -> None:
        number = seal["number"]
        if number != self.number + 1:
            self.faults.append(Fault(FaultKind.SEAL_MISSING, number, first=self.number + 1, last=number - 1))
        elif seal["previous"] != self.head:
            self.faults.append(Fault(FaultKind.SEAL_ALTERED, number))

    def _check_signature(self, seal: Mapping[str, Any]) -> None:
        number = seal["number"]
        signed = {name: value for name, value in seal.items() if name not in {"signature", "leaves"}}
        former = self.former.get(seal["key"])
        key = former.key if former is not None and number <= former.upto else self.key
        try:
            key.verify(bytes.fromhex(seal["signature"]), canonical(signed))
        except (InvalidSignature, ValueError):
            self.faults.append(Fault(FaultKind.SIGNATURE_FORGED, number))
        leaves = [bytes.fromhex(each) for each in seal["leaves"]]
        if root(leaves).hex() != seal["root"] or len(leaves) != seal["count"]:
            self.faults.append(Fault(FaultKind.SEAL_ALTERED, number))

    def _check_entries(self, seal: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
        number = seal["number"]
        due = list(seal["leaves"])
        there = [leaf(entry).hex() for entry in entries]
        for entry in entries:
            self._numbers.setdefault(entry["service"], set()).add(entry["number"])
        if there == due:
            return
        lost = list((Counter(due) - Counter(there)).elements())
        foreign = Counter(there) - Counter(due)
        strange = [entry for entry, hash in zip(entries, there, strict=True) if hash in foreign]
        for entry in strange[: len(lost)]:
            self._entry_fault(FaultKind.ENTRY_ALTERED, number, entry)
        for entry in strange[len(lost) :]:
            self._entry_fault(FaultKind.ENTRY_INSERTED, number, entry)
        for hash in lost[len(strange) :]:
            place = due.index(hash) + 1
            self.faults.append(Fault(FaultKind.ENTRY_REMOVED, number, first=place, last=place))
        if not lost and not strange:
            self.faults.append(Fault(FaultKind.ENTRIES_REORDERED, number))

    def _entry_fault(self, kind: FaultKind, seal: int, entry: Mapping[str, Any]) -> None:
        self.faults.append(Fault(kind, seal, entry["service"], entry["number"], entry["number"]))


def lines(entries: Sequence[Mapping[str, Any]], seal: Mapping[str, Any]) -> bytes:
    """A batch as an export has it: its entries in order, then its seal, one a line."""
    written: list[Content] = [*({"entry": entry} for entry in entries), {"seal": seal}]
    return b"".join(canonical(each) + b"\n" for each in written)


def verify_lines(
    export: Iterable[bytes], key: Ed25519PublicKey, hromada: str, kept_since: datetime | None = None
) -> Verification:
    """Verifies an export.

    Raises:
        ValueError: a line is none that an export has, or it is another hromada's.
        KeyError: an entry or a seal lacks something.
    """
    verification = Verification(key, kept_since=kept_since)
    waiting: list[Mapping[str, Any]] = []
    for line in export:
        read = json.loads(line)
        match read:
            case {"entry": entry}:
                waiting.append(entry)
            case {"seal": seal}:
                if seal["hromada"] != hromada:
                    raise ValueError(f"a seal of another hromada, {seal['hromada']}")
                verification.take(seal, waiting)
                waiting = []
            case _:
                raise ValueError("a line that is neither an entry nor a seal")
    for entry in waiting:
        verification.faults.append(
            Fault(FaultKind.ENTRY_INSERTED, verification.number + 1, entry["service"], entry["number"], entry["number"])
        )
    return verification


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring numbers as (first, last)."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        together = [number for _, number in run]
        yield together[0], together[-1]
