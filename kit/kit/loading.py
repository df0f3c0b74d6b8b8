"""What a process loads at its start stays for as long as it runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Keeps the search for garbage away from what is loaded inside: while it is, which is a fifth of a service's start,
    and ever after, when each full search would go through all of it again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
