import pytest
from kit.errors import Refusal
from reception.appeals.rules import State
from reception.attachments import rules


def reason(state: State, files: int) -> str:
    with pytest.raises(Refusal) as refused:
        rules.add(state, files)
    return refused.value.reason


def test_an_appeal_in_work_takes_files_up_to_the_tenth() -> None:
    rules.add(State.IN_WORK, 9)
    assert reason(State.IN_WORK, 10) == "attachment.too-many-files"


@pytest.mark.parametrize("state", [State.ANSWERED, State.RETURNED, State.FORWARDED, State.NOT_CONSIDERED])
def test_an_appeal_that_is_decided_takes_no_more_and_gives_none_away(state: State) -> None:
    assert reason(state, 0) == "attachment.appeal-answered"
    with pytest.raises(Refusal):
        rules.take_away(state, is_kept=True)


def test_a_file_is_taken_away_once() -> None:
    rules.take_away(State.IN_WORK, is_kept=True)
    with pytest.raises(Refusal):
        rules.take_away(State.IN_WORK, is_kept=False)
