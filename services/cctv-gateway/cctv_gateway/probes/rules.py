"""Whom a camera's office may have asked, and what is said when the answer is none."""

from collections.abc import Iterable, Sequence

from kit.errors import Refused
from kit.networks import Network

from cctv_gateway.engine.addresses import OVER_HTTP, Address, Misfit, UnfitAddress, is_closed, taken_apart
from cctv_gateway.engine.profiles import DEVICE_PATH, Profile
from cctv_gateway.engine.troubles import Cause


def device_at(text: str, networks: Iterable[Network]) -> Address:
    """The device's service, from an address as people write it.

    Raises:
        Refused: no device may be there.
    """
    try:
        found = taken_apart(text if "://" in text else f"http://{text}", OVER_HTTP)
    except UnfitAddress as unfit:
        raise Refused("address", _UNFIT.get(unfit.misfit, "probe.address-unreadable")) from None
    if is_closed(found, networks):
        raise Refused("address", "camera.url-network")
    return found if found.rest != "/" else Address(found.scheme, found.host, found.port, DEVICE_PATH)


def refusal(cause: Cause) -> Refused:
    """What went wrong, at the field by which it can be put right."""
    if cause is Cause.UNAUTHORIZED:
        return Refused("password", "probe.unauthorized")
    return Refused("address", _SAID.get(cause, "probe.broken"))


def chosen(profiles: Sequence[Profile], token: str, field: str) -> Profile:
    """The profile of that token.

    Raises:
        Refused: the camera did not offer it.
    """
    found = next((each for each in profiles if each.token == token), None)
    if found is None:
        raise Refused(field, "probe.no-such-profile")
    return found


_UNFIT = {Misfit.SCHEME: "probe.address-scheme", Misfit.CREDENTIALS: "probe.address-credentials"}
_SAID = {
    Cause.UNREACHABLE: "probe.unreachable",
    Cause.NOT_ALLOWED: "camera.url-network",
    Cause.REDIRECTS: "probe.leads-away",
    Cause.LEADS_AWAY: "probe.leads-away",
    Cause.NOT_FOUND: "probe.no-onvif",
    Cause.STALLS: "probe.stalls",
    Cause.FLOODS: "probe.floods",
    Cause.NO_PICTURE: "probe.no-picture",
}
