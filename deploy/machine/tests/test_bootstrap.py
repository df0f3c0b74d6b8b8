import hashlib
import importlib.util
import io
import subprocess
import sys
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "bin" / "bootstrap"
WHEELS = [
    {"url": f"https://example.org/packages/uv-0.13.9-py3-none-{platform}.whl", "hash": f"sha256:{platform}"}
    for platform in (
        "linux_armv6l",
        "macosx_10_12_x86_64",
        "macosx_11_0_arm64",
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "manylinux_2_17_ppc64le.manylinux2014_ppc64le",
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "manylinux_2_31_riscv64",
        "musllinux_1_1_i686",
        "musllinux_1_1_x86_64",
        "win_amd64",
    )
]


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_loader("bootstrap", SourceFileLoader("bootstrap", str(SCRIPT)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


@pytest.mark.parametrize(
    ("system", "machine", "libc", "platform"),
    [
        ("Linux", "x86_64", "glibc", "manylinux_2_17_x86_64.manylinux2014_x86_64"),
        ("Linux", "x86_64", "", "musllinux_1_1_x86_64"),
        ("Linux", "aarch64", "glibc", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
        ("Linux", "aarch64", "", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
        ("Darwin", "arm64", "", "macosx_11_0_arm64"),
        ("Darwin", "x86_64", "", "macosx_10_12_x86_64"),
    ],
)
def test_each_platform_gets_its_wheel(
    bootstrap: ModuleType, system: str, machine: str, libc: str, platform: str
) -> None:
    assert bootstrap.wheel_for(WHEELS, system, machine, libc)["hash"] == f"sha256:{platform}"


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Linux", "sparc64")])
def test_a_platform_without_a_wheel_is_told_what_to_do(bootstrap: ModuleType, system: str, machine: str) -> None:
    with pytest.raises(bootstrap.Failed, match="install it by hand"):
        bootstrap.wheel_for(WHEELS, system, machine, "glibc")


def wheel(program: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("uv/__init__.py", b"")
        archive.writestr("uv-0.13.9.data/scripts/uvx", b"not this one")
        archive.writestr("uv-0.13.9.data/scripts/uv", program)
    return content.getvalue()


def test_the_program_is_taken_out_of_the_locked_wheel(bootstrap: ModuleType) -> None:
    content = wheel(b"the program")
    assert bootstrap.binary(content, "sha256:" + hashlib.sha256(content).hexdigest()) == b"the program"


def test_a_wheel_with_another_hash_is_refused(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.Failed, match="not the locked one"):
        bootstrap.binary(wheel(b"someone else's"), "sha256:" + "0" * 64)


def test_a_download_that_fails_is_tried_again(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def unreliable(url: str, timeout: float) -> io.BytesIO:
        tries.append(url)
        if len(tries) < 3:
            raise TimeoutError("timed out")
        return io.BytesIO(b"here")

    monkeypatch.setattr(bootstrap.urllib.request, "urlopen", unreliable)
    monkeypatch.setattr(bootstrap.time, "sleep", lambda seconds: None)
    assert bootstrap.download("https://example.org/uv.whl") == b"here"
    assert len(tries) == 3


def test_uv_of_the_locked_version_is_not_fetched_again(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "download", lambda url: pytest.fail("fetched again"))
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path)
    (tmp_path / "uv").write_text("#!/bin/sh\necho uv 0.13.9\n")
    (tmp_path / "uv").chmod(0o755)
    lock = {"package": [{"name": "uv", "version": "0.13.9", "wheels": WHEELS}]}
    assert bootstrap.find_uv(lock) == tmp_path / "uv"


def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 10, 1)")
    done = subprocess.run(
        [sys.executable, "-B", SCRIPT], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "needs Python 3.11 or newer, this is 3.10" in done.stderr
    assert "Traceback" not in done.stderr
