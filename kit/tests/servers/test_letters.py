import mailbox
from pathlib import Path

from kit.servers.letters import Letters


def test_the_oldest_letter_comes_first(tmp_path: Path) -> None:
    letters = Letters(tmp_path, 1, 2, "token", logs=tmp_path)
    mailbox.Maildir(letters.mailbox)
    for name, subject in (("M300000P7Q2", "second"), ("M50000P7Q1", "first"), ("M1000P7Q10", "zeroth")):
        (letters.mailbox / "new" / f"1795762008.{name}.vm").write_text(f"Subject: {subject}\n\n")
    assert [letter["Subject"] for letter in letters.letters()] == ["zeroth", "first", "second"]
