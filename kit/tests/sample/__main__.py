"""python -m sample: the sample as a process of its own, where everybody may do everything in their hromada."""

from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from kit.auth.authority import Authorisation

from sample.service import service


class Everybody:
    """In place of identity."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        may = frozenset({"notes.write", "notes.read", "feed.watch"})
        return Authorisation(
            uuid5(NAMESPACE_URL, hromada), display_name=subject, permissions=may, pseudonym=f"pseudonym-of-{subject}"
        )


if __name__ == "__main__":
    replace(service, authorities=lambda _: Everybody()).main()
