"""A form with files, read as it comes: the words into memory, the files into ones that have no name on the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from kit.errors import Away
from kit.files.kinds import LARGEST
from kit.pages.troubles import TooLarge, UnreadableForm

_MOST_FILES = 50
_MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that came with a form."""

    field: str
    name: str
    """As its owner calls it."""
    size: int
    """How much of it came. What is beyond the largest that is ever taken was counted and not kept."""
    file: IO[bytes]


class _Parts(MultiPartParser):
    """Starlette's, which also asks for the form's proof before the first file is put down, keeps of a file no more than
    could be taken, and knows whether the form came whole."""

    def __init__(self, request: Request, words: int, prove: Callable[[list[tuple[str, str]]], None]) -> None:
        super().__init__(
            request.headers,
            request.stream(),
            max_files=_MOST_FILES,
            max_fields=_MOST_FIELDS,
            max_part_size=words,
        )
        self._words_left = words
        self._prove = prove
        self._size = 0
        self.sizes: list[int] = []
        self.is_whole = False

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if self._current_part.file is not None and not self.sizes:
            self._prove([(name, value) for name, value in self.items if isinstance(value, str)])
        self._size = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._current_part.file is None:
            self._words_left -= end - start
            if self._words_left < 0:
                raise TooLarge
        elif self._size > LARGEST:
            return
        super().on_part_data(data, start, end)

    def on_part_end(self) -> None:
        if self._current_part.file is not None:
            self.sizes.append(self._size)
        super().on_part_end()

    def on_end(self) -> None:
        self.is_whole = True

    def close(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


async def parts_of(
    request: Request, words: int, prove: Callable[[list[tuple[str, str]]], None]
) -> tuple[list[tuple[str, str]], list[Sent], Callable[[], None]]:
    """The fields of a form with files, its files, and what closes them.

    Args:
        request: whose body it is.
        words: how many bytes its fields may have together.
        prove: told the fields before the first file; raises if the form is not ours.

    Raises:
        UnreadableForm: it is no form that a browser makes, or was cut on its way.
        TooLarge: its fields are over the limit.
        Away: there is no room to put a file down.
    """
    parser = _Parts(request, words, prove)
    try:
        items = (await parser.parse()).multi_items()
    except (MultiPartException, FormParserError, ClientDisconnect) as error:
        raise UnreadableForm from error
    except OSError as error:
        raise Away("files.full") from error
    if not parser.is_whole:
        parser.close()
        raise UnreadableForm
    fields = [(name, value) for name, value in items if isinstance(value, str)]
    uploads = [(name, value) for name, value in items if isinstance(value, UploadFile)]
    came = zip(uploads, parser.sizes, strict=True)
    sent = [_sent(name, upload, size) for (name, upload), size in came if upload.filename or size]
    return fields, sent, parser.close


def _sent(name: str, upload: Any, size: int) -> Sent:
    return Sent(name, upload.filename or "", size, upload.file)
