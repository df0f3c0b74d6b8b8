"""A stream of bytes as frames of AES-256-GCM, so that it is written and read without being held whole.

Each frame is sealed under its number and whether it is the last: one that is missing, moved, doubled or cut off is
found. A frame begins where its number says, so reading may begin at any. A key seals one stream, ever.
"""

from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FRAME = 64 * 1024
_TAG = 16
_KEPT = FRAME + _TAG


async def sealed(key: bytes, chunks: AsyncIterator[bytes], context: bytes) -> AsyncIterator[bytes]:
    """The stream as it may be kept: whole frames and a last one, which may be shorter, or empty."""
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    async for chunk in chunks:
        waiting += chunk
        while len(waiting) > FRAME:
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:FRAME]), context)
            del waiting[:FRAME]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), context)


async def opened(
    key: bytes, kept: AsyncIterator[bytes], context: bytes, *, first: int, count: int
) -> AsyncIterator[bytes]:
    """What was sealed, a frame at a time.

    Args:
        key: of the stream.
        kept: its frames from the first that is wanted, cut anyhow.
        context: for which it was sealed.
        first: the number of the frame with which `kept` begins.
        count: how many frames the whole stream has.

    Raises:
        ValueError: it is another stream's, or not whole.
    """
    cipher, number, waiting = AESGCM(key), first, bytearray()
    async for chunk in kept:
        waiting += chunk
        while len(waiting) >= _KEPT:
            yield _one(cipher, number, count, bytes(waiting[:_KEPT]), context)
            del waiting[:_KEPT]
            number += 1
    if waiting:
        yield _one(cipher, number, count, bytes(waiting), context)


def count_of(kept: int) -> int:
    """How many frames so many kept bytes are."""
    return -(-kept // _KEPT)


def around(start: int, stop: int) -> tuple[int, int]:
    """Of a stream's bytes from a place to another, the frame in which they begin and the one after their last."""
    return start // FRAME, max(start, stop - 1) // FRAME + 1


def place_of(frame: int) -> int:
    """Where a frame begins in what is kept."""
    return frame * _KEPT


def _one(cipher: AESGCM, number: int, count: int, frame: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=number == count - 1), frame, context)
    except InvalidTag as error:
        raise ValueError("not the stream that was sealed, or not the whole of it") from error


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
