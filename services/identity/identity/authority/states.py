"""What is replicated into every service's memory, made of identity's own rows."""

from kit.auth.replica import State, key_of
from kit.call import Call

from identity.hromadas.model import Hromada
from identity.integrators.model import Integrator
from identity.integrators.rules import ClientId
from identity.members.model import Membership
from identity.members.rules import INTEGRATOR_PERMISSIONS
from identity.pseudonyms import actions as pseudonyms


def of_hromada(hromada: Hromada) -> tuple[str, State]:
    state = State(hromada_id=hromada.id, suspended=hromada.is_suspended, provisioning=not hromada.is_ready)
    return key_of(hromada.slug, ""), state


async def of_member(call: Call, slug: str, membership: Membership) -> tuple[str, State]:
    """A membership that is not accepted yet, or was revoked, is there without a permission: by its pseudonym alone the
    trail says who was refused."""
    key = key_of(slug, str(membership.person_id))
    if membership.accepted_at is None or membership.revoked_at is not None:
        return key, State(pseudonym=await pseudonyms.find(call, membership.person_id))
    return key, State(
        pseudonym=await pseudonyms.of(call, membership.person_id),
        display_name=membership.display_name,
        permissions=membership.permissions,
        not_before=membership.not_before,
        until=membership.until,
    )


def of_integrator(slug: str, integrator: Integrator) -> tuple[str, State]:
    key = key_of(slug, str(ClientId(slug, integrator.slug)))
    if integrator.revoked_at is not None:
        return key, State()
    return key, State(display_name=integrator.display_name, permissions=INTEGRATOR_PERMISSIONS, integrator=True)


def share(call: Call, keyed: tuple[str, State]) -> None:
    """Tells every service, after the commit."""
    key, state = keyed
    call.share(key, state.written())
