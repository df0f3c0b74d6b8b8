"""The letter of a referral, in Ukrainian or in English: what is asked, and of the person only how to find them."""

from datetime import date

from reception.prints.rules import Sheet
from reception.referrals.rules import Helper


def letter(
    *,
    number: str,
    to: str,
    helper: Helper,
    asks: str,
    who: str,
    contact: str,
    sent_on: date,
    due_on: date,
    signed: str,
    office: str,
    language: str,
) -> Sheet:
    """The referral as a sheet."""
    if language == "en":
        what = "legal aid" if helper is Helper.LAWYER else "help"
        return Sheet(
            f"Referral in case {number}",
            office,
            paragraphs=(
                f"To: {to}",
                f"{sent_on:%d.%m.%Y}",
                f"With the person's consent we ask you for {what}. {asks}",
                f"Whom it is for: {who}, {contact}.",
                f"Please tell us by {due_on:%d.%m.%Y} whether you accept it and what you have done.",
                signed,
            ),
            language="en",
        )
    what = "правничу допомогу" if helper is Helper.LAWYER else "допомогу"
    return Sheet(
        f"Скерування у справі {number}",
        office,
        paragraphs=(
            f"Кому: {to}",
            f"{sent_on:%d.%m.%Y}",
            f"За згодою людини просимо надати {what}. {asks}",
            f"Для кого: {who}, {contact}.",
            f"Просимо до {due_on:%d.%m.%Y} повідомити, чи ви прийняли це, і що зроблено.",
            signed,
        ),
    )
