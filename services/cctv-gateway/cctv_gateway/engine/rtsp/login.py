"""How a camera that asks who is there is told: RFC 7617 (Basic) and RFC 7616 (Digest)."""

import os
import re
from base64 import b64encode
from collections.abc import Sequence

_PAIRS = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]*))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_NONCE_BYTES = 8


class Login:
    """A name and a password, told in the way that was last asked for; nothing before it was."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._asked: dict[str, str] | None = None
        """What a digest is made with."""
        self._is_basic = False
        self._count = 0

    def is_asked(self, challenges: Sequence[str]) -> bool:
        """Takes what a refusal asks for; tells whether it can be told, and was not told in vain already."""
        if not self._username:
            return False
        had_told = self._is_basic or self._asked is not None
        for challenge in challenges:
            scheme, _, rest = challenge.strip().partition(" ")
            asked = {name.lower(): quoted or plain for name, quoted, plain in _PAIRS.findall(rest)}
            if scheme.lower() == "digest" and asked.get("algorithm", "MD5").upper() in _HASHES and "nonce" in asked:
                is_new = not had_told or asked.get("stale", "").lower() == "true"
                self._asked, self._is_basic, self._count = asked, False, 0
                return is_new
        self._is_basic = any(each.strip().lower().startswith("basic") for each in challenges)
        return self._is_basic and not had_told

    def header(self, method: str, url: str) -> list[str]:
        """The line that goes with a request; none while nobody has asked."""
        if self._is_basic:
            return [f"Authorization: Basic {b64encode(f'{self._username}:{self._password}'.encode()).decode()}"]
        return [f"Authorization: Digest {self._digest(method, url, self._asked)}"] if self._asked else []

    def _digest(self, method: str, url: str, asked: dict[str, str]) -> str:
        import hashlib  # half a megabyte, for those cameras that ask for it

        algorithm = asked.get("algorithm", "MD5").upper()

        def hashed(*parts: str) -> str:
            return hashlib.new(_HASHES[algorithm], ":".join(parts).encode(), usedforsecurity=False).hexdigest()

        realm, nonce = asked.get("realm", ""), asked["nonce"]
        who, what = hashed(self._username, realm, self._password), hashed(method, url)
        told = {"username": self._username, "realm": realm, "nonce": nonce, "uri": url}
        counted = list[str]()
        if "auth" in (each.strip() for each in asked.get("qop", "").split(",")):
            self._count += 1
            count, ours = f"{self._count:08x}", os.urandom(_NONCE_BYTES).hex()
            told |= {"response": hashed(who, nonce, count, ours, "auth", what), "cnonce": ours}
            counted = ["qop=auth", f"nc={count}"]
        else:
            told["response"] = hashed(who, nonce, what)
        told |= {name: asked[name] for name in ("opaque",) if name in asked}
        named = [f"algorithm={algorithm}"] if "algorithm" in asked else []
        return ", ".join([*(f'{name}="{value}"' for name, value in told.items()), *named, *counted])
