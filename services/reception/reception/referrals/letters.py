"""The letter of a referral, in Ukrainian or in English: what is asked, and of the person only how to find them.

The platform's letter is a sheet. An office takes it as a DOCX with fields in double braces, makes it its own, and gives
it back: then that is what is filled.
"""

from collections.abc import Mapping
from types import MappingProxyType

from reception.prints.rules import Sheet
from reception.prints.writing import Format, written
from reception.referrals.rules import Helper

FIELDS = ("office", "number", "to", "help", "asks", "who", "contact", "sent_on", "due_on", "signed")
"""What a letter may name."""

_HELP = MappingProxyType(
    {
        ("uk", Helper.LAWYER): "правничу допомогу",
        ("uk", Helper.ORGANISATION): "допомогу",
        ("en", Helper.LAWYER): "legal aid",
        ("en", Helper.ORGANISATION): "help",
    }
)
_TITLES = MappingProxyType({"uk": "Скерування у справі {number}", "en": "Referral in case {number}"})
_PARAGRAPHS = MappingProxyType(
    {
        "uk": (
            "Кому: {to}",
            "{sent_on}",
            "За згодою людини просимо надати {help}. {asks}",
            "Для кого: {who}, {contact}.",
            "Просимо до {due_on} повідомити, чи ви прийняли це, і що зроблено.",
            "{signed}",
        ),
        "en": (
            "To: {to}",
            "{sent_on}",
            "With the person's consent we ask you for {help}. {asks}",
            "Whom it is for: {who}, {contact}.",
            "Please tell us by {due_on} whether you accept it and what you have done.",
            "{signed}",
        ),
    }
)


def help_of(helper: Helper, language: str) -> str:
    """What is asked of a helper, in one word or two."""
    return _HELP[language, helper]


def letter(values: Mapping[str, str], language: str) -> Sheet:
    """The platform's letter, with a value for each of the fields."""
    return Sheet(
        _TITLES[language].format_map(values),
        values["office"],
        paragraphs=tuple(each.format_map(values) for each in _PARAGRAPHS[language]),
        language=language,
    )


def template(language: str) -> bytes:
    """The platform's letter as an office may make it its own."""
    return written(letter({each: f"{{{{ {each} }}}}" for each in FIELDS}, language), Format.DOCX)
