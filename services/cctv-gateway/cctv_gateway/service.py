"""What the gateway is made of."""

from kit.jobs import Daily
from kit.service import Service
from kit.vault import Sealed

from cctv_gateway.cameras.model import CameraSource
from cctv_gateway.cameras.rpc import Cameras
from cctv_gateway.datasets.rpc import Datasets
from cctv_gateway.evidence import actions as evidence
from cctv_gateway.evidence.model import EvidenceKey
from cctv_gateway.evidence.rpc import EvidenceRequests
from cctv_gateway.health.rpc import Health
from cctv_gateway.media.serve import media
from cctv_gateway.probes.model import CameraProbe
from cctv_gateway.probes.rpc import Probes
from cctv_gateway.recordings.footage import Footage
from cctv_gateway.recordings.rpc import Recordings
from cctv_gateway.settings import Settings
from cctv_gateway.signs.model import SignPhoto
from cctv_gateway.signs.rpc import SignPhotos
from cctv_gateway.template import template
from cctv_gateway.views.rpc import Views

service = Service(
    "cctv",
    package="cctv_gateway",
    servicers=[
        Cameras(),
        Datasets(),
        EvidenceRequests(),
        Health(),
        Probes(),
        Recordings(),
        SignPhotos(),
        Views(),
    ],
    settings=Settings,
    template=template,
    sealed=[Sealed(CameraSource, "sealed"), Sealed(CameraProbe, "sealed"), Sealed(EvidenceKey, "sealed")],
    files=[SignPhoto],
    jobs=[Daily("07:00", evidence.warn)],
    blobs=Footage(),
    background=[media],
)
