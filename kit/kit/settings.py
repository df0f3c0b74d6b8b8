"""What a process is told by its environment, and nothing else: `SPILNO_…` variables."""

from pathlib import Path
from typing import Literal, Self

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class FromEnvironment(BaseSettings):
    """Settings that are read from the environment and not changed afterwards."""

    model_config = SettingsConfigDict(env_prefix="SPILNO_", frozen=True, extra="ignore")

    @classmethod
    def from_environment(cls) -> Self:
        """Reads them. A missing or malformed value stops the start with its name."""
        return cls.model_validate({})


class Settings(FromEnvironment):
    """What every service needs to run."""

    environment: Literal["production", "development", "demo", "test"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database_url: SecretStr
    relay_database_url: SecretStr
    nats_url: SecretStr
    grpc_address: str
    reached_at: str = ""
    """host:port under which identity reaches this service; empty: its own grpc_address."""
    identity_address: str = ""
    issuer_url: str
    client_id: str
    client_secret: SecretStr
    secret: SecretStr
    """32 random bytes, base64url; every other key of the service is derived from it."""
    vault_keys: SecretStr = SecretStr("")
    """Key-encryption keys, `id=base64url` of 32 bytes, the newest first, separated by commas. Without any the vault's
    key is derived from the secret, and stays on the ring once there are others."""
    files_url: str = ""
    """Where blobs lie: `file:///…`, a folder, or `s3://bucket/prefix`. Without it whoever brings a file is told that it
    cannot be kept."""
    files_options: SecretStr = SecretStr("{}")
    """JSON: an S3's `config` (endpoint, region, access_key_id, secret_access_key) and `client_options`, as obstore
    knows them."""
    files_quota_megabytes: int = 20_000
    """How much all files of one hromada may hold in this service."""
    clock_file: Path | None = None
    """Test environment only: seconds by which the clock is moved."""


class PrepareSettings(FromEnvironment):
    """What `prepare` needs: logins that the running service never holds."""

    migration_database_url: SecretStr
    nats_provisioner_url: SecretStr | None = None
