"""Generates the typed stubs when the contract is built; `uv sync` does so again whenever a .proto changes."""

import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Generate(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        gen = root / "gen"
        shutil.rmtree(gen, ignore_errors=True)
        gen.mkdir()
        well_known = Path(str(files("grpc_tools"))) / "_proto"
        include = [root, well_known]
        protos = [
            str(proto.relative_to(root))
            for folder in ("spilno", "buf")
            for proto in sorted((root / folder).rglob("*.proto"))
        ]
        scripts = Path(sys.executable).parent
        arguments = [
            "protoc",
            *(f"-I{path}" for path in include),
            f"--plugin=protoc-gen-mypy={scripts / 'protoc-gen-mypy'}",
            f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
            f"--python_out={gen}",
            f"--grpc_python_out={gen}",
            f"--mypy_out={gen}",
            f"--mypy_grpc_out={gen}",
            *protos,
        ]
        if protoc.main(arguments) != 0:
            raise RuntimeError("protoc failed: " + " ".join(arguments))
        for folder in gen.rglob("*"):
            if folder.is_dir():
                (folder / "py.typed").touch()
