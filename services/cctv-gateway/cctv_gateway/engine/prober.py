"""A process that asks one camera about itself and ends, so that nothing it answers can harm or hold the gateway.

python -m cctv_gateway.engine.prober: told on its input whom to ask, it says on its output what it heard, as JSON.
"""

import json
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
from kit import processes

SECONDS = 12.0
_CPU_SECONDS = 5
_MEMORY = 512 << 20


async def probe(
    device: Address, allowed: Sequence[Network], username: str, password: str, within: float = SECONDS
) -> Told:
    """Asks a camera about itself, in a process of its own.

    Raises:
        Trouble: it does not answer, wants another sign-in, leads elsewhere, or takes too long.
    """
    whom = {"url": device.url, "allowed": [str(each) for each in allowed], "username": username, "password": password}
    try:
        heard = await processes.answer("cctv_gateway.engine.prober", whom, within=within)
    except TimeoutError:
        raise Trouble(Cause.STALLS) from None
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
