import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from kit.servers.process import PortTaken, ServerTrouble
from machine.house import House
from machine.secrets import Secrets
from machine.services import SERVICES, Ports, Service

BACK = Service("back", "stand_in", grpc=1, issuer=101)
FRONT = Service("front", "stand_in", http=1080, dials=("back",))
STAND_IN = '''
"""A service that does nothing but what the house asks of every service."""
import asyncio, os, signal, sys
import asyncpg, grpc, nats
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

async def prepare():
    database = await asyncpg.connect(os.environ["SPILNO_MIGRATION_DATABASE_URL"])
    await database.execute("CREATE TABLE IF NOT EXISTS prepared (at timestamptz DEFAULT now())")
    await database.execute("INSERT INTO prepared DEFAULT VALUES")
    await (await nats.connect(os.environ["SPILNO_NATS_PROVISIONER_URL"], allow_reconnect=False)).close()

async def answer(reader, writer):
    await reader.readline()
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
    writer.close()

async def serve():
    assert "SPILNO_MIGRATION_DATABASE_URL" not in os.environ
    await (await asyncpg.connect(os.environ["SPILNO_DATABASE_URL"])).close()
    await (await asyncpg.connect(os.environ["SPILNO_RELAY_DATABASE_URL"])).close()
    await (await nats.connect(os.environ["SPILNO_NATS_URL"], allow_reconnect=False)).close()
    for name in ("SPILNO_ISSUER_ADDRESS", "SPILNO_HTTP_ADDRESS"):
        if name in os.environ:
            host, port = os.environ[name].split(":")
            await asyncio.start_server(answer, host, int(port))
    if "SPILNO_GRPC_ADDRESS" in os.environ:
        server = grpc.aio.server()
        health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
        server.add_insecure_port(os.environ["SPILNO_GRPC_ADDRESS"])
        await server.start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    print("drained", os.environ["SPILNO_CLIENT_ID"])

asyncio.run(prepare() if sys.argv[1:] == ["prepare"] else serve())
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
async def house(folder: Path) -> AsyncIterator[House]:
    (folder / "stand_in.py").write_text(STAND_IN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        house = House(folder, Ports.free(), "test", services=(BACK, FRONT))
    async with house:
        yield house


async def test_every_service_serves_with_its_own_logins(house: House) -> None:
    assert house.service("back").child.is_running
    assert house.service("front").child.is_running
    app = await asyncpg.connect(house.database_url("back"))
    assert await app.fetchval("SELECT current_user") == "back_app"
    await app.close()


async def test_a_service_that_is_killed_here_stays_down_until_it_is_started(house: House) -> None:
    back = house.service("back")
    back.kill()
    await asyncio.sleep(0.5)
    assert not back.child.is_running
    await back.restart()
    assert back.child.is_running


async def test_a_service_that_dies_by_itself_is_started_again(house: House) -> None:
    back = house.service("back")
    before = back.pid
    os.kill(before, signal.SIGKILL)
    async with asyncio.timeout(60):
        while back.pid == before:
            await asyncio.sleep(0.05)
    await back.wait_ready()


async def test_the_bus_and_the_database_can_be_taken_away_and_given_back(house: House) -> None:
    house.nats.pause()
    house.nats.resume()
    house.nats.kill()
    await house.nats.restart()
    await house.postgres.stop()
    await house.postgres.start()
    await (await asyncpg.connect(house.database_url("back"))).close()


async def test_a_second_house_on_the_same_data_is_refused(house: House, folder: Path) -> None:
    with pytest.raises(ServerTrouble, match="Another Spilno runs"):
        await House(folder, Ports.free(), "test", services=(BACK,)).start()


async def test_a_house_on_taken_ports_starts_nothing(house: House, tmp_path: Path) -> None:
    second = House(tmp_path, house.ports, "test", services=(BACK, FRONT))
    with pytest.raises(PortTaken, match=r"PostgreSQL(.|\n)*NATS(.|\n)*back \(gRPC\)(.|\n)*front \(HTTP\)"):
        await second.start()
    await second.stop()
    assert not (tmp_path / "postgres").exists()


async def test_a_house_that_was_stopped_finds_its_data(house: House, folder: Path) -> None:
    await house.stop()
    assert "drained svc.back" in (folder / "log" / "back.log").read_text()
    async with House(folder, house.ports, "test", services=()) as again:
        found = await asyncpg.connect(again.database_url("back", "migrator"))
        assert await found.fetchval("SELECT count(*) FROM prepared") == 1
        await found.close()


async def test_a_service_that_cannot_prepare_is_told_with_its_log(tmp_path: Path) -> None:
    broken = Service("back", "no_such_module")
    with pytest.raises(ServerTrouble, match=r"back prepare ended with 1(.|\n)*No module named no_such_module"):
        async with House(tmp_path, Ports.free(), "test", services=(broken,)):
            pass


def test_secrets_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secrets.json"
    first = Secrets(path)["database.web.app"]
    assert Secrets(path)["database.web.app"] == first
    assert Secrets(path).password("operator") == Secrets(path).password("operator")
    assert Secrets(path)["another"] != first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_service_is_told_only_what_is_its_own(tmp_path: Path) -> None:
    house = House(tmp_path, Ports(7000), "demo")
    identity, reception, _, web = (house.settings(service) for service in SERVICES)
    assert identity["SPILNO_GRPC_ADDRESS"] == "127.0.0.1:7001"
    assert identity["SPILNO_ISSUER_ADDRESS"] == "127.0.0.1:7101"
    assert reception["SPILNO_IDENTITY_ADDRESS"] == "ipv4:127.0.0.1:7001"
    assert web["SPILNO_RECEPTION_ADDRESS"] == "ipv4:127.0.0.1:7002"
    assert web["SPILNO_CCTV_ADDRESS"] == "ipv4:127.0.0.1:7003,127.0.0.1:7043"
    assert web["SPILNO_HTTP_ADDRESS"] == "127.0.0.1:8080"
    assert "SPILNO_OPERATOR_PASSWORD" not in reception
    assert "SPILNO_SERVICE_CLIENTS" not in web


def test_only_a_house_of_tests_or_of_the_demo_may_move_its_clock(tmp_path: Path) -> None:
    told = [House(tmp_path, Ports(7000), kind).settings(SERVICES[0]) for kind in ("demo", "test", "production")]
    assert ["SPILNO_CLOCK_FILE" in settings for settings in told] == [True, True, False]


def test_up_names_a_taken_port_and_ends_with_an_error(tmp_path: Path) -> None:
    ports = Ports.free()
    told = {**os.environ, "SPILNO_PORT_BASE": str(ports.base), "SPILNO_DATA": str(tmp_path / "data")}
    with socket.create_server(("127.0.0.1", ports.web)):
        done = subprocess.run(
            [sys.executable, "-m", "machine", "up"], env=told, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"Port {ports.web}, which web (HTTP) needs, is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_up_refuses_a_base_that_is_no_port(tmp_path: Path) -> None:
    told = {**os.environ, "SPILNO_PORT_BASE": "99999", "SPILNO_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-m", "machine", "up"], env=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "SPILNO_PORT_BASE is a number" in done.stderr


@pytest.mark.parametrize(("base", "port"), [(9000, 10080), (5899, 6000)])
def test_no_page_is_put_where_no_browser_goes(base: int, port: int) -> None:
    assert Ports(base).never_opened == {port}
    assert Ports(7000).never_opened == set()
