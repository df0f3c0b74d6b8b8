"""Resource names after Google's AIPs, hromadas/{hromada}/appeals/{appeal}; and what subjects are called."""

import re
from uuid import UUID

from kit.errors import Refused

SUBJECT = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""What a person, an integrator or a service is called in tokens and in the database's settings."""

_SEGMENT = r"[a-z0-9][a-z0-9-]{0,62}"


def pattern_of(resource: str) -> re.Pattern[str]:
    """A pattern such as "hromadas/{hromada}/appeals/{appeal}" as a regular expression with named groups."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", rf"(?P<\1>{_SEGMENT})", re.escape(resource)))


def last(name: str) -> str:
    """The id at the end of a name."""
    return name.rpartition("/")[2]


def uid(name: str, field: str = "name") -> UUID:
    """The UUID at the end of a name.

    Raises:
        Refused: the end of the name is no UUID; names the field.
    """
    try:
        return UUID(last(name))
    except ValueError:
        raise Refused(field, "name.malformed") from None
