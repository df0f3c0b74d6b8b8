"""What every method of a service stands on, and what it is given: a call in a transaction of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from kit.auth.authority import Authorities
from kit.auth.tokens import Verifier
from kit.bus import events, outbox
from kit.call import Call, Caller, Hromada
from kit.clock import Clock
from kit.database import Database, Session
from kit.errors import Unknown
from kit.files import Files
from kit.keys import Keys
from kit.localisation import Catalogue
from kit.settings import Settings
from kit.vault import Vault

LONGEST_SECONDS = 30.0


@dataclass(slots=True)
class Chain:
    """What the chain stands on."""

    settings: Settings
    database: Database
    aside: Database
    """Connections for short transactions beside a call's own: a call that held one while it waited for another of the
    same pool would wait for calls that wait for it."""
    verifier: Verifier
    authorities: Authorities
    clock: Clock
    keys: Keys
    vault: Vault
    files: Files
    catalogue: Catalogue
    committed: Callable[[], Awaitable[None]]
    """Called after a commit that put events into the outbox."""

    def call(
        self, caller: Caller, hromada: Hromada | None, locale: str, seconds: float = LONGEST_SECONDS
    ) -> AbstractAsyncContextManager[Call]:
        """A call of a verb: its transaction, and the events it emits."""
        return _Opened(self, caller, hromada, locale, seconds)


class _Opened:
    """A call from its begin to its end: a class, because a generator costs a call more than what it does."""

    __slots__ = ("_call", "_caller", "_chain", "_hromada", "_locale", "_seconds", "_transaction")

    def __init__(self, chain: Chain, caller: Caller, hromada: Hromada | None, locale: str, seconds: float) -> None:
        self._chain = chain
        self._caller = caller
        self._hromada = hromada
        self._locale = locale
        self._seconds = seconds

    async def __aenter__(self) -> Call:
        chain, scope = self._chain, self._hromada.id if self._hromada else None
        self._transaction = chain.database.transaction(scope, self._caller.subject, seconds=self._seconds)
        self._call = Call(
            caller=self._caller,
            db=await self._transaction.__aenter__(),
            now=chain.clock.now(),
            locale=self._locale,
            keys=chain.keys,
            vault=chain.vault,
            files=chain.files,
            settings=chain.settings,
            authorities=chain.authorities,
            apart=self._apart,
            hromada_or_none=self._hromada,
        )
        return self._call

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if kind is not None:
            await self._transaction.__aexit__(kind, error, at)
            return
        async with self._transaction as db:
            call = self._call
            waiting = [outbox.Waiting.event(events.make(body, call.now), db.hromada) for body in call.emitted]
            waiting += [outbox.Waiting.state(key, state) for key, state in call.shared]
            if waiting:
                outbox.put(db, waiting, call.now)
        if waiting:
            await self._chain.committed()

    @asynccontextmanager
    async def _apart(self) -> AsyncIterator[Session]:
        await self._call.db.claimed()
        scope = self._hromada.id if self._hromada else None
        async with self._chain.aside.transaction(scope, self._caller.subject, seconds=5) as db:
            yield db


class StreamCall:
    """What a streaming verb is given: it opens a call for each short read, and holds no transaction between.

    A verb that answers in a stream is an async generator, `(self, request, stream)`. One that takes a stream in is an
    async context manager, `(self, request, chunks, stream)`: it takes in what the chunks hold and yields the verb that
    keeps it, called with a call of its own; what it put down meanwhile is its own to clear away.
    """

    def __init__(self, chain: Chain, caller: Caller, hromada: Hromada | None, locale: str) -> None:
        self._chain = chain
        self._caller = caller
        self._locale = locale
        self._hromada = hromada
        self.files = chain.files
        self.settings = chain.settings

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def hromada(self) -> Hromada:
        if self._hromada is None:
            raise Unknown
        return self._hromada

    def open(self) -> Any:
        """A call in a transaction of its own."""
        return self._chain.call(self._caller, self._hromada, self._locale)
