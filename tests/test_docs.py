"""What the documents say is what the services do."""

import asyncio
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from google.protobuf import descriptor_pool
from kit.rpc.access import rule_of
from spilno.contract.v1 import contract_pb2
from spilno.feed.v1 import feed_pb2
from spilno.identity.v1 import archives_pb2, authority_pb2, hromadas_pb2, integrators_pb2, members_pb2, provisioning_pb2
from spilno.reception.v1 import (
    appeals_pb2,
    attachments_pb2,
    cases_pb2,
    clocks_pb2,
    duties_pb2,
    figures_pb2,
    hazards_pb2,
    leaflets_pb2,
    mediations_pb2,
    notices_pb2,
    officers_pb2,
    persons_pb2,
    photos_pb2,
    prints_pb2,
    proceedings_pb2,
    receptions_pb2,
    referrals_pb2,
    register_pb2,
    triage_pb2,
)
from spilno.tenancy.v1 import tenancy_pb2

from tests.world import OWN, World

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "integrators.md"
EXAMPLE = ROOT / "docs" / "examples" / "integrator.py"
CONTRACT = (
    appeals_pb2,
    attachments_pb2,
    officers_pb2,
    receptions_pb2,
    notices_pb2,
    clocks_pb2,
    prints_pb2,
    proceedings_pb2,
    register_pb2,
    triage_pb2,
    duties_pb2,
    leaflets_pb2,
    mediations_pb2,
    persons_pb2,
    photos_pb2,
    cases_pb2,
    figures_pb2,
    hazards_pb2,
    referrals_pb2,
    feed_pb2,
    hromadas_pb2,
    members_pb2,
    integrators_pb2,
    authority_pb2,
    provisioning_pb2,
    archives_pb2,
    tenancy_pb2,
)
_BETWEEN = re.compile(r"(?<=<!-- access: )(.*?-->\n)(.*)(?=<!-- /access -->)", re.DOTALL)


def access_table() -> str:
    """Each method of the contract and what it asks of its caller, from the descriptors."""
    methods = [
        method
        for module in CONTRACT
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in descriptor_pool.Default().FindServiceByName(service.full_name).methods
    ]
    rows = [f"| `{method.full_name}` | {_who(rule_of(method).access)} |\n" for method in methods]
    return "".join(["| method | who may call it |\n", "|---|---|\n", *rows])


def _who(access: contract_pb2.Access) -> str:
    said = {field.name: value for field, value in access.ListFields()}
    match said:
        case {"permission": permission}:
            return f"permission `{permission}` in the hromada"
        case {"platform": permission}:
            return f"the NGO's operators, permission `{permission}`"
        case {"public": True}:
            return "the portals, and the hromada's integrators"
        case {"signed_in": True}:
            return "anyone signed in, about themselves"
        case _:
            return "the platform's own services"


def test_the_integrators_page_lists_every_method_with_its_access() -> None:
    found = _BETWEEN.search(PAGE.read_text())
    assert found is not None
    assert found.group(2) == access_table(), "run: .venv/bin/python -m tests.test_docs"


async def test_the_example_client_registers_an_appeal_and_hears_of_it(world: World) -> None:
    client, secret = await world.integrator(OWN, f"doc-{uuid4().hex[:8]}")
    common = [
        sys.executable,
        str(EXAMPLE),
        "--issuer",
        world.house.issuer_url,
        "--reception",
        world.house.grpc_address("reception"),
        "--client",
        client,
    ]
    pipe = asyncio.subprocess.PIPE
    told = {**os.environ, "SPILNO_CLIENT_SECRET": secret}
    watching = await asyncio.create_subprocess_exec(*common, "watch", stdout=pipe, env=told)
    try:
        assert watching.stdout is not None
        heard, registered = dict[str, str](), set[str]()
        async with asyncio.timeout(90):
            while not heard.keys() & registered:  # of what happens before it listens it hears nothing
                registering = await asyncio.create_subprocess_exec(
                    *common, "register", "Ліхтар № 14 на вул. Центральній не світить", stdout=pipe, env=told
                )
                registered.add(json.loads((await registering.communicate())[0])["name"])
                with suppress(TimeoutError):
                    async with asyncio.timeout(3):
                        while not heard.keys() & registered:
                            event = json.loads(await watching.stdout.readline())
                            heard[event["appeal"]] = event["event"]
    finally:
        watching.kill()
        await watching.wait()
    assert {heard[name] for name in heard.keys() & registered} == {"AppealRegistered"}


if __name__ == "__main__":
    PAGE.write_text(_BETWEEN.sub(lambda found: found.group(1) + access_table(), PAGE.read_text()))
