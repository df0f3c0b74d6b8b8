"""The multivariant playlist (RFC 8216, 4.3.4): a camera's streams, for a player to choose by what its line carries."""

from collections.abc import Mapping

from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.streams import Stream


def written(streams: Mapping[str, Stream]) -> bytes:
    """The playlist of those that have begun; empty if none has."""
    begun = {name: each for name, each in streams.items() if each.is_listed}
    if not begun:
        return b""
    lines = ["#EXTM3U", "#EXT-X-VERSION:9"]
    for name, stream in begun.items():
        init = stream.inits[max(stream.inits)]
        most, usual = _bits_per_second(stream)
        lines.append(
            f'#EXT-X-STREAM-INF:BANDWIDTH={most},AVERAGE-BANDWIDTH={usual},CODECS="{init.codecs}",'
            f"RESOLUTION={init.width}x{init.height}"
        )
        lines.append(f"{name}/index.m3u8")
    return ("\n".join(lines) + "\n").encode()


def _bits_per_second(stream: Stream) -> tuple[int, int]:
    """Of the largest segment, and of all that are kept."""
    sizes = [(sum(part.size for part in each.parts) * 8, each.duration / SCALE) for each in stream.segments]
    most = max(bits / seconds for bits, seconds in sizes)
    return round(most), round(sum(bits for bits, _ in sizes) / sum(seconds for _, seconds in sizes))
