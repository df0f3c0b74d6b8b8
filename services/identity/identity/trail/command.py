"""`python -m identity audit …`: verifies a trail, shows the public key, makes a pseudonym nobody's."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kit.errors import Refusal
from kit.service import Kit, Service

from identity.hromadas import actions as hromadas
from identity.members.model import Membership
from identity.pseudonyms import actions as pseudonyms
from identity.trail import actions, rules
from identity.trail.sealing import CALLER


async def audit(service: Service, arguments: Sequence[str]) -> int:
    """Does what the arguments say. 0: the chain is whole, or it is done; 1: it is not; 2: nothing could be read."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.verb == "verify" and asked.file:
            return _verified_file(asked)
        async with AsyncExitStack() as stack:
            return await _in_database(await service.kit(stack), asked)
    except (OSError, ValueError, KeyError, Refusal) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m identity audit")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="hold a hromada's trail against its chain of seals")
    verify.add_argument("slug")
    verify.add_argument("--file", type=Path, help="an export, instead of the database")
    verify.add_argument("--key", type=Path, help="the public key (PEM) for --file")
    verify.add_argument("--head", type=_head, action="append", default=[], help="NUMBER:HASH of a seal noted elsewhere")
    verbs.add_parser("key", help="show the public key")
    forget = verbs.add_parser("forget", help="destroy the key of a former member's pseudonym")
    forget.add_argument("slug")
    forget.add_argument("member", type=UUID)
    return parser


def _head(text: str) -> tuple[int, str]:
    number, _, hash = text.partition(":")
    return int(number), hash


def _verified_file(asked: argparse.Namespace) -> int:
    if asked.key is None:
        raise ValueError("--file needs --key: the public key that was kept apart from the platform")
    with asked.file.open("rb") as export:
        verification = rules.verify_lines(
            export, rules.public_key(asked.key.read_bytes()), asked.slug, rules.kept_since(datetime.now(UTC))
        )
    return _told(verification, asked)


async def _in_database(kit: Kit, asked: argparse.Namespace) -> int:
    if asked.verb == "key":
        sys.stdout.write(rules.pem(actions.signing_key(kit.keys).public_key()))
        return 0
    async with kit.database.transaction() as db:
        hromada = (await hromadas.find(db, asked.slug)).as_called()
    async with kit.call(CALLER, hromada) as call:
        if asked.verb == "verify":
            return _told(await actions.verify(call), asked)
        membership = await call.db.get(Membership, asked.member)
        if membership.revoked_at is None:
            raise ValueError("the member still works here: revoke first")
        await pseudonyms.forget(call.db, membership.person_id)
        call.keep("identity.audit.forget")
    return 0


def _told(verification: rules.Verification, asked: argparse.Namespace) -> int:
    faults = verification.finish(dict(asked.head))
    for fault in faults:
        sys.stdout.write(f"FAULT {fault}\n")
    state = "BROKEN" if faults else "whole"
    sys.stdout.write(
        f"{asked.slug}: {state}; {verification.entries} entries under {verification.seals} seals; "
        f"head {verification.number}:{verification.head}\n"
    )
    return 1 if faults else 0
