"""What web is told by its environment."""

from pathlib import Path
from typing import Literal

from kit.settings import FromEnvironment
from pydantic import SecretStr


class Settings(FromEnvironment):
    """Web has a database for its sessions and calls everything else; it listens on no bus."""

    environment: Literal["production", "development", "demo", "test"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database_url: SecretStr
    http_address: str = "127.0.0.1:8080"
    web_url: str
    """Where browsers find the portals; https makes the cookies Secure."""
    identity_address: str
    reception_address: str
    cctv_address: str
    """Of several gateways all, as gRPC names them: ipv4:10.0.0.1:7003,10.0.0.2:7003, or dns:///cctv:7003."""
    media_url: str
    """Where browsers find the cameras' media: another port of the portals' host, or a path of it. Of several gateways
    each address, with spaces between: a page goes on at the next when one is silent."""
    issuer_url: str
    client_id: str = "svc.web"
    client_secret: SecretStr
    sign_in_client_id: str = "web"
    """The client that people sign in through. The issuer knows it by the same secret."""
    secret: SecretStr
    """32 random bytes, base64url; every other key of the service is derived from it."""
    trusted_proxies: str = ""
    """Addresses or networks, by commas, whose word on a browser's address is taken."""
    clock_file: Path | None = None
    """Test environment only: seconds by which the clock is moved."""

    @property
    def media_urls(self) -> list[str]:
        """Every address of the cameras' media."""
        return self.media_url.split()
