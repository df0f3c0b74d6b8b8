"""What says nothing for too long is ended, once."""

import threading

from cctv_gateway.engine.watching import Watch


def looked_at_again(watch: Watch) -> None:
    """Returns when the watch has looked at all that it watches once more."""
    is_seen = threading.Event()
    with watch.over(is_seen.set, 0.0):
        assert is_seen.wait(60)


def test_who_says_nothing_is_ended_once_and_who_speaks_is_not() -> None:
    watch, is_ended, times = Watch(), threading.Event(), list[str]()

    def end() -> None:
        times.append("silent")
        is_ended.set()

    with watch.over(end, 0.0) as silent, watch.over(lambda: times.append("speaking"), 3600.0) as speaking:
        assert is_ended.wait(60)
        looked_at_again(watch)
    assert times == ["silent"]
    assert (silent.is_ended, speaking.is_ended) == (True, False)


def test_what_is_over_is_watched_no_more() -> None:
    watch, times = Watch(), list[str]()
    with watch.over(lambda: times.append("late"), 0.0):
        pass
    looked_at_again(watch)
    assert times == []
