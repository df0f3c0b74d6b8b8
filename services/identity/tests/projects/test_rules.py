from datetime import date

import pytest
from identity.projects.rules import check_project
from kit.errors import Refused


def test_a_project_may_have_no_end() -> None:
    check_project(date(2017, 1, 1), None)


def test_a_project_that_ends_before_it_starts_is_refused_at_its_end() -> None:
    with pytest.raises(Refused) as refusal:
        check_project(date(2017, 2, 1), date(2017, 1, 1))
    assert refusal.value.field == "project.ends_on"
