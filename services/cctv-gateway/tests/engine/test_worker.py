"""What a worker does beside reading."""

import threading

from cctv_gateway.engine.worker import Drawing


def test_what_breaks_while_it_is_drawn_is_told_and_the_next_is_drawn() -> None:
    drawing, told, has_drawn = Drawing(), list[Exception](), threading.Event()
    drawing.do(lambda: 1 // len(told), told.append)
    drawing.do(has_drawn.set, told.append)
    assert has_drawn.wait(10)
    assert [type(each) for each in told] == [ZeroDivisionError]
