import pytest
from kit.errors import Refusal
from reception.appeals.rules import State
from reception.attachments import rules


def reason(state: State = State.REGISTERED, files: int = 0, taken: int = 0, coming: int = 1, quota: int = 100) -> str:
    with pytest.raises(Refusal) as refused:
        rules.check_room(state, files, taken, coming, quota)
    return refused.value.reason


def test_an_appeal_in_work_takes_files_up_to_the_tenth() -> None:
    rules.check_room(State.IN_WORK, 9, 0, 100, 100)
    assert reason(files=10) == "attachment.too-many-files"


def test_an_answered_appeal_takes_none() -> None:
    assert reason(State.ANSWERED) == "attachment.appeal-answered"


def test_the_hromadas_room_ends() -> None:
    assert reason(taken=99, coming=2) == "attachment.no-room-left"


def test_what_an_answer_rests_on_stays() -> None:
    rules.take_away(State.IN_WORK, is_kept=True)
    for state, is_kept in ((State.ANSWERED, True), (State.IN_WORK, False)):
        with pytest.raises(Refusal):
            rules.take_away(state, is_kept=is_kept)
