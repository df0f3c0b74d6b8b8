"""How much, as people say it."""

from kit.pages import Language

_MEGABYTE = 1024 * 1024


def measured(size: int, language: Language) -> str:
    """Such as 2,4 МБ."""
    _ = language.gettext
    if size < _MEGABYTE:
        return _("%(n)s КБ") % {"n": language.number(max(1, round(size / 1024)))}
    if size < 1024 * _MEGABYTE:
        return _("%(n)s МБ") % {"n": language.number(round(size / _MEGABYTE, 1))}
    return _("%(n)s ГБ") % {"n": language.number(round(size / 1024 / _MEGABYTE, 1))}
