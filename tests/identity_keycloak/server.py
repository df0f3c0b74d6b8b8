"""A real Keycloak with the realm of `deploy/keycloak`, fetched by Maven once and kept outside git."""

import asyncio
import fcntl
import json
import os
import shutil
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from kit.servers.process import Child, free_port

ROOT = Path(__file__).parents[2]
REALM = ROOT / "deploy" / "keycloak" / "realm.json"
CACHE = ROOT / ".tools" / "keycloak"
VERSIONS = ("26.8.1", "26.7.4")
PASSWORD = "a long enough phrase 7"
SECRET = "a secret of the portal"
_STARTS_WITHIN = 300.0
_JAVA = {"JAVA_OPTS_APPEND": "-Xmx700m -XX:TieredStopAtLevel=1"}
"""It runs for a minute: what the better compiler saves later is not worth its own work."""
_BUILT = "built-by-spilno"
_BUILT_FOR = ("--db=dev-mem", "--health-enabled=true")


class OutOfReach(Exception):
    """There is no Keycloak to be had here, and why."""


async def ensure() -> Path:
    """The distribution's folder. Who asks while another brings it waits.

    Raises:
        OutOfReach: no Java, no Maven, or Maven brings nothing.
    """
    if shutil.which("java") is None:
        raise OutOfReach("there is no java")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        here = next(
            (CACHE / f"keycloak-{each}" for each in VERSIONS if (CACHE / f"keycloak-{each}" / _BUILT).exists()), None
        )
        return here or await _built(await asyncio.to_thread(_unpacked, await _fetched()))


async def _fetched() -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise OutOfReach("there is no mvn")
    for version in VERSIONS:
        archive = CACHE / f"keycloak-quarkus-dist-{version}.tar.gz"
        artifact = f"org.keycloak:keycloak-quarkus-dist:{version}:tar.gz"
        command = [maven, "-q", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={CACHE}"]
        if archive.exists() or await _ran(command, within=300):
            return archive
    raise OutOfReach(f"Maven brings none of {', '.join(VERSIONS)}")


async def _ran(command: list[str], within: float) -> bool:
    """Whether a command that writes files into the cache came to a good end."""
    quiet = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(
        *command, cwd=CACHE, env={**os.environ, **_JAVA}, stdout=quiet, stderr=quiet
    )
    try:
        return await asyncio.wait_for(child.wait(), within) == 0
    except TimeoutError:
        child.kill()
        await child.wait()
        return False


def _unpacked(archive: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(CACHE, filter="data")
    return CACHE / archive.name.removesuffix(".tar.gz").replace("-quarkus-dist", "")


async def _built(home: Path) -> Path:
    """The server, told once which database it will have: each start would otherwise build it anew for half a minute."""
    if not await _ran([str(home / "bin" / "kc.sh"), "build", *_BUILT_FOR], within=420):
        raise OutOfReach("its server does not build")
    (home / _BUILT).touch()
    return home


@dataclass(frozen=True)
class Keycloak:
    """The running server."""

    base: str
    child: Child

    @property
    def issuer(self) -> str:
        return f"{self.base}/realms/spilno"

    async def token(self, user: str, scope: str, client: str = "robot") -> str:
        """A user's access token."""
        return await self._token(client, grant_type="password", username=user, password=PASSWORD, scope=scope)

    async def token_of_client(self, client: str, secret: str = SECRET) -> str:
        """A client's own access token."""
        return await self._token(client, secret, grant_type="client_credentials")

    async def _token(self, client: str, secret: str = SECRET, **said: str) -> str:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as visitor:
            answer = await visitor.post(
                f"{self.issuer}/protocol/openid-connect/token", data=said, auth=(client, secret)
            )
        assert answer.is_success, answer.text
        return str(answer.json()["access_token"])


@dataclass(frozen=True)
class Person:
    """Someone who can sign in."""

    id: str
    hromadas: tuple[str, ...] = ()


def realm(secrets: dict[str, str], persons: dict[str, Person], integrators: dict[str, str]) -> dict[str, Any]:
    """The realm as it is deployed, with users to try it with, and clients that may ask for their tokens directly.

    Args:
        secrets: what stands in the place of each ${…}.
        persons: by user name.
        integrators: the hromada of each, by client id.
    """
    text = REALM.read_text()
    for name, value in secrets.items():
        text = text.replace(f"${{{name}}}", value)
    made: dict[str, Any] = json.loads(text)
    api = next(each for each in made["clientScopes"] if each["name"] == "api")
    made["clientScopes"].append(json.loads(json.dumps(api).replace('"api"', '"elsewhere"')))
    made["clients"] += [_robot("robot", "api"), _robot("elsewhere", "elsewhere"), _robot("brief", "api", lasts=1)]
    service = next(each for each in made["clients"] if each["clientId"] == "svc.reception")
    made["clients"] += [_integrator(service, client, slug) for client, slug in integrators.items()]
    known = {each["alias"] for each in made["organizations"]}
    slugs = {slug for person in persons.values() for slug in person.hromadas}
    made["organizations"] += [
        {"name": slug, "alias": slug, "enabled": True, "domains": [{"name": f"{slug}.example.org", "verified": True}]}
        for slug in sorted(slugs - known)
    ]
    made["users"] = [_user(name, person) for name, person in persons.items()]
    for organization in made["organizations"]:
        organization["members"] = [
            {"username": name, "membershipType": "UNMANAGED"}
            for name, person in persons.items()
            if organization["alias"] in person.hromadas
        ]
    return made


def _robot(name: str, scope: str, lasts: int = 300) -> dict[str, Any]:
    return {
        "clientId": name,
        "secret": SECRET,
        "directAccessGrantsEnabled": True,
        "standardFlowEnabled": False,
        "fullScopeAllowed": False,
        "attributes": {"access.token.lifespan": str(lasts)},
        "defaultClientScopes": [scope],
        "optionalClientScopes": ["organization"],
    }


def _integrator(service: dict[str, Any], client: str, slug: str) -> dict[str, Any]:
    """A client as README.md tells to make one: like a service's, and with its hromada."""
    made: dict[str, Any] = json.loads(json.dumps(service).replace(service["clientId"], client))
    mappers: list[dict[str, Any]] = made["protocolMappers"]
    named = next(each for each in mappers if each["config"].get("claim.name") == "client_id")
    hromada = {**named, "name": "hromada", "config": {**named["config"], "claim.name": "tid", "claim.value": slug}}
    return {**made, "secret": SECRET, "protocolMappers": [*mappers, hromada]}


def _user(name: str, person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "username": name,
        "email": f"{name}@example.org",
        "emailVerified": True,
        "enabled": True,
        "firstName": "Дільничний",
        "lastName": "Офіцер",
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }


@asynccontextmanager
async def serving(described: dict[str, Any], folder: Path) -> AsyncIterator[Keycloak]:
    """Keycloak with the realm, in memory only."""
    home = await ensure()
    imported = home / "data" / "import"
    imported.mkdir(parents=True, exist_ok=True)
    (imported / "realm.json").write_text(json.dumps(described, ensure_ascii=False))
    port, health = free_port(), free_port()
    address = ["--http-enabled=true", "--hostname-strict=false", "--http-host=127.0.0.1", f"--http-port={port}"]
    child = Child(
        "keycloak",
        [
            str(home / "bin" / "kc.sh"),
            "start",
            "--optimized",
            "--import-realm",
            *address,
            f"--http-management-port={health}",
        ],
        log=folder / "keycloak.log",
        environment={**os.environ, **_JAVA},
    )

    async with httpx.AsyncClient(trust_env=False, timeout=5) as visitor:

        async def is_ready() -> bool:
            await asyncio.sleep(0.5)
            try:
                return (await visitor.get(f"http://localhost:{health}/health/ready")).is_success
            except httpx.HTTPError:
                return False

        child.start()
        try:
            await child.wait_ready(is_ready, within=_STARTS_WITHIN)
            yield Keycloak(f"http://localhost:{port}", child)
        finally:
            await child.stop()


if (
    __name__ == "__main__"
):  # beside the lint, so that no test waits for the download; the tests say what is out of reach
    with suppress(OutOfReach):
        asyncio.run(ensure())
