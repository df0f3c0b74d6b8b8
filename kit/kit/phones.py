"""Phone numbers as people here read them."""


def written(number: str) -> str:
    """+380484432124 as (048) 443-21-24; a number of another country as it is."""
    if number.startswith("+380") and len(number) == 13:
        return f"({number[3:6]}) {number[6:9]}-{number[9:11]}-{number[11:]}"
    return number
