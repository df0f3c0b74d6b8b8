"""What identity is made of."""

from kit.service import Service

from identity.agreements.rpc import Agreements
from identity.authority.actions import LocalAuthorities
from identity.authority.replication import beat, reconcile
from identity.authority.rpc import Authority
from identity.controllers.rpc import Controllers
from identity.hromadas.rpc import Hromadas
from identity.integrators.rpc import Integrators
from identity.issuer import keys
from identity.issuer.serve import housekeeping, issuer
from identity.members.rpc import Members
from identity.operators.actions import ensure_first
from identity.organisations.rpc import Organisations
from identity.projects.rpc import Projects
from identity.provisioning.rpc import Provisionings
from identity.provisioning.worker import carry_on
from identity.settings import Settings
from identity.templates.rpc import Templates
from identity.tenancy.portable import ELSEWHERE, SEALED
from identity.tenancy.rpc import Archives, Erasures
from identity.tenancy.worker import lead
from identity.trail import handlers as trail
from identity.trail.command import audit
from identity.trail.removal import removal
from identity.trail.rpc import Trail
from identity.trail.sealing import sealing
from identity.venues.rpc import Venues

service = Service(
    "identity",
    package="identity",
    servicers=[
        Hromadas(),
        Provisionings(),
        Templates(),
        Members(),
        Integrators(),
        Authority(),
        Organisations(),
        Agreements(),
        Venues(),
        Projects(),
        Controllers(),
        Trail(),
        Archives(),
        Erasures(),
    ],
    handlers=[trail],
    settings=Settings,
    sealed=SEALED,
    elsewhere=ELSEWHERE,
    background=[issuer, housekeeping, beat, reconcile, sealing, removal, carry_on, lead],
    after_migration=[keys.ensure, ensure_first],
    commands={"audit": audit},
    authorities=LocalAuthorities,
)
