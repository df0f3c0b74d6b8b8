from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kit import pages

HERE = Path(pages.__file__).parent


def test_every_text_has_its_english() -> None:
    said = {
        text[0] if isinstance(text, tuple) else text
        for _, _, text, _, _ in extract_from_dir(
            HERE,
            [("**.py", "python"), ("**.html", "jinja2")],
            options_map={"**.html": {"trimmed": "true"}},
            keywords={"_": None, "say": None, "gettext": None, "ngettext": (1, 2)},
        )
    }
    with (HERE / "locale/en.po").open("rb") as source:
        catalogue = read_po(source, locale="en")
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and message.string
    }
    assert said == translated
