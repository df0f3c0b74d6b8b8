"""What an office may have ready for its answers."""

import pytest
from kit.errors import Refused
from reception.wordings.rules import Wording, check


def test_white_space_around_is_no_part_of_it() -> None:
    assert check([Wording("  Ліхтар  ", " Замінять. ")]) == [Wording("Ліхтар", "Замінять.")]


def test_of_two_with_one_title_the_second_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        check([Wording("Ліхтар", "Замінять."), Wording("ЛІХТАР", "Полагодять.")])
    assert refused.value.field == "wordings[1].title"
