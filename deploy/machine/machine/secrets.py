"""The passwords and keys of one machine: made when first asked for, kept in a file that only its owner reads."""

import json
import os
import secrets
from pathlib import Path


class Secrets:
    """Random secrets by name; the same name gives the same secret, today and after a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def __getitem__(self, name: str) -> str:
        """For machines: 32 random bytes as base64url."""
        return self._keep(name, 32)

    def password(self, name: str) -> str:
        """For people, who have to type it: 16 characters, 96 random bits."""
        return self._keep(name, 12)

    def _keep(self, name: str, length: int) -> str:
        if name not in self._kept:
            self._kept[name] = secrets.token_urlsafe(length)
            self._save()
        return self._kept[name]

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._kept, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
