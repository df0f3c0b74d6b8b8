"""The rows of reception, a file a room."""

from tests.isolation.rows.reception import (
    appeals,
    attachments,
    cases,
    duties,
    figures,
    mediations,
    notices,
    officers,
    persons,
    prints,
    proceedings,
    receptions,
    referrals,
    registers,
    triage,
)

__all__ = [
    "appeals",
    "attachments",
    "cases",
    "duties",
    "figures",
    "mediations",
    "notices",
    "officers",
    "persons",
    "prints",
    "proceedings",
    "receptions",
    "referrals",
    "registers",
    "triage",
]
