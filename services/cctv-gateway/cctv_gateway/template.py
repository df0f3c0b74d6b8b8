"""What the gateway gives a new hromada: nothing, since a camera stands on its own papers. By its template it takes part
in each hromada's coming, leaving and erasing."""

from collections.abc import Mapping

from kit.call import Call
from kit.tenancy import Contents, Template


async def apply(call: Call, contents: Contents) -> Mapping[str, bool]:
    """There is no piece to give."""
    return {}


template = Template("cctv_gateway", Contents, apply)
