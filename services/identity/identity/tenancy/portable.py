"""What of the platform goes with a hromada: its office, who its people are, and the keys that sealed its trail.

A person is the platform's: they may work elsewhere too. So an address goes along, and no password, second factor or
sign-in. Where somebody of that address is here already it is they, and the hromada remembers who they were.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.database import table_of
from kit.tenancy.holdings import Held, Holding, Holdings
from kit.tenancy.tables import Elsewhere
from kit.vault import Sealed
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, union

from identity.factors.model import Authenticator
from identity.hromadas.model import Hromada
from identity.members.model import Membership
from identity.persons import actions as persons
from identity.persons.model import Person
from identity.pseudonyms.model import PseudonymKey
from identity.tenancy.model import PersonAlias
from identity.trail import actions as trail
from identity.trail import rules as chain

SEALED = (Sealed(Authenticator, "sealed"), Sealed(PseudonymKey, "sealed"))
ELSEWHERE = Elsewhere("person", "person_alias")
HOLDINGS = Holdings("identity", SEALED, elsewhere=ELSEWHERE)
PLATFORM = "platform"
"""In the place of a service: what of the platform goes with a hromada."""
_OFFICE = ("title", "title_en", "address", "address_en", "directions", "directions_en", "phones", "email")


@dataclass(frozen=True, slots=True)
class Portable:
    """The tables of the platform's part, as lines."""

    tables: Mapping[str, bytes]

    @property
    def holding(self) -> Holding:
        held = [
            Held(name, body.count(b"\n"), len(body), sha256(body).hexdigest()) for name, body in self.tables.items()
        ]
        return Holding(HOLDINGS.schema, held, 0)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table.

        Raises:
            ValueError: a line is no JSON.
        """
        return [json.loads(line) for line in self.tables.get(table, b"").splitlines()]


async def told(call: Call) -> Portable:
    """The platform's part of the call's hromada."""
    hromada = await call.db.get(Hromada, call.hromada.id)
    office = {
        "id": str(hromada.id),
        "slug": hromada.slug,
        "katotth": hromada.katotth,
        "created_at": hromada.created_at.isoformat(),
        **{name: getattr(hromada, name) for name in _OFFICE},
    }
    ids = await people(call)
    was = {alias.person_id: alias.was for alias in await call.db.all(select(PersonAlias))}
    emails = await persons.emails(call.db, ids)
    known = sorted((str(was.get(id, id)), email) for id, email in emails.items())
    return Portable(
        {
            "hromada": _lines([office]),
            "person": _lines([{"id": id, "email": email} for id, email in known]),
            "trail_key": _lines(await _trail_keys(call)),
        }
    )


async def people(call: Call) -> list[UUID]:
    """Every person whom the hromada's rows name."""
    named = union(select(col(Membership.person_id)), select(col(PseudonymKey.person_id)))
    return [record["person_id"] for record in await call.db.records(named)]


def hromada_of(portable: Portable) -> Hromada:
    """The hromada that a portable part tells of.

    Raises:
        ValueError, KeyError, TypeError: it tells of none.
    """
    said = portable.rows("hromada")[0]
    return Hromada(
        id=UUID(said["id"]),
        slug=str(said["slug"]),
        katotth=str(said["katotth"]),
        created_at=datetime.fromisoformat(said["created_at"]),
        **{name: said[name] for name in _OFFICE},
    )


async def take_people(call: Call, portable: Portable) -> None:
    """Makes the persons who are not here yet, without a password, and remembers of the others their id of there."""
    for said in portable.rows("person"):
        was = UUID(said["id"])
        row = {"id": was, "version": 1, "email": said["email"], "created_at": call.now}
        await call.db.records(insert(table_of(Person)).values(row).on_conflict_do_nothing())
        found = await persons.find(call.db, said["email"])
        if found is None:  # the id is somebody else's here
            found = await persons.find_or_make(call.db, said["email"], call.now)
        if found.id != was:
            call.db.add(PersonAlias(person_id=found.id, was=was))
    await call.db.flush()


async def take_keys(call: Call, portable: Portable) -> None:
    """Trusts the keys that sealed the trail until now, each up to the seal that it made last."""
    for said in portable.rows("trail_key"):
        await trail.trust(call, chain.Former(chain.public_key(said["pem"].encode()), int(said["upto"])))
    await call.db.flush()


async def _trail_keys(call: Call) -> Sequence[dict[str, Any]]:
    """Every key that sealed the trail, and up to which seal."""
    keys = list((await trail.former_keys(call)).values())
    own, last = trail.signing_key(call.keys).public_key(), await trail.newest(call.db)
    if last is not None and last.content["key"] == chain.key_id(own):
        keys.append(chain.Former(own, last.number))
    return [{"pem": chain.pem(each.key), "upto": each.upto} for each in sorted(keys, key=lambda each: each.upto)]


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n" for row in rows)
