"""What makes parts one template."""

from collections.abc import Sequence

from kit.errors import Refused


def one_template(parts: Sequence[tuple[str, str, int]]) -> tuple[str, int]:
    """The one name and edition of all parts, each (service, name, edition).

    Raises:
        Refused: a service has two parts, or a part belongs to another template; names the part.
    """
    _, name, edition = parts[0]
    seen = set[str]()
    for service, its_name, its_edition in parts:
        if service in seen:
            raise Refused(f"parts.{service}", "template.two-parts")
        seen.add(service)
        if its_name != name:
            raise Refused(f"parts.{service}.name", "template.other-name", name=name)
        if its_edition != edition:
            raise Refused(f"parts.{service}.version", "template.other-version", version=edition)
    return name, edition
