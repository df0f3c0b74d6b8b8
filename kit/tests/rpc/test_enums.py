"""Enumerations of the domain and of the contract: each value has its other, or a test says so before a caller does."""

from enum import StrEnum, auto

import pytest
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2 as pb


class State(StrEnum):
    REGISTERED = auto()
    IN_WORK = auto()
    ANSWERED = auto()


@pytest.mark.parametrize("state", State)
def test_a_value_comes_back_as_itself(state: State) -> None:
    assert from_contract(State, pb.AppealState, to_contract(pb.AppealState, state)) is state


def test_a_value_is_spelled_as_the_contract_spells_it() -> None:
    assert to_contract(pb.AppealState, State.IN_WORK) == pb.APPEAL_STATE_IN_WORK


def test_what_was_left_out_is_no_value() -> None:
    with pytest.raises(KeyError):
        from_contract(State, pb.AppealState, pb.APPEAL_STATE_UNSPECIFIED)


def test_a_number_that_the_contract_does_not_have_is_no_value() -> None:
    with pytest.raises(ValueError, match="99"):
        from_contract(State, pb.AppealState, 99)
