"""A process that asks one camera about itself and ends, so that nothing it answers can harm or hold the gateway.

python -m cctv_gateway.engine.prober: told on its input whom to ask, it says on its output what it heard, as JSON.
"""

import asyncio
import contextlib
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_network

from kit.networks import Network

from cctv_gateway.engine.addresses import OVER_HTTP, Address, taken_apart
from cctv_gateway.engine.onvif import asked
from cctv_gateway.engine.profiles import Profile, Told
from cctv_gateway.engine.troubles import Cause, Trouble

SECONDS = 12.0
_CPU_SECONDS = 5
_MEMORY = 512 << 20
_LARGEST = 1 << 20


async def probe(
    device: Address, allowed: Sequence[Network], username: str, password: str, within: float = SECONDS
) -> Told:
    """Asks a camera about itself, in a process of its own.

    Raises:
        Trouble: it does not answer, wants another sign-in, leads elsewhere, or takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cctv_gateway.engine.prober",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LARGEST,
        env={name: value for name, value in os.environ.items() if not name.startswith("SPILNO_")},
    )
    whom = {"url": device.url, "allowed": [str(each) for each in allowed], "username": username, "password": password}
    try:
        async with asyncio.timeout(within):
            said, _ = await process.communicate(json.dumps(whom).encode())
    except TimeoutError:
        raise Trouble(Cause.STALLS) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    try:
        heard = json.loads(said)
    except ValueError:
        raise Trouble(Cause.BROKEN) from None
    if cause := heard.get("cause"):
        raise Trouble(Cause(cause))
    return Told(**{**heard, "profiles": [Profile(**each) for each in heard["profiles"]]})


def main() -> None:
    """The process."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    whom = json.load(sys.stdin)
    try:
        told = asked(
            taken_apart(whom["url"], OVER_HTTP),
            [ip_network(each) for each in whom["allowed"]],
            whom["username"],
            whom["password"],
        )
    except Trouble as trouble:
        json.dump({"cause": trouble.cause}, sys.stdout)
        return
    json.dump(asdict(told), sys.stdout)


if __name__ == "__main__":
    main()
