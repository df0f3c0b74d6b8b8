"""The key under which a hromada's residents have their codes."""

from kit.database import HromadaRow


class CodeKey(HromadaRow, table=True):
    """Sealed by the vault. It is the hromada's and goes with it, so that a code opens the same appeal elsewhere."""

    __tablename__ = "code_key"

    sealed: bytes
