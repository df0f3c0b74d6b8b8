"""Makes pictures anew and looks into documents, in a process of its own that may take little and be killed.

It is run by its path, alone, without the service's environment: what a file does to it costs no more than itself.
"""

import resource
import signal
import sys
import zipfile
from typing import Any

DONE, UNREADABLE, TOO_MANY_PIXELS, TOO_COSTLY, MACROS, OTHER_KIND = 0, 10, 11, 12, 13, 14

_MEMORY = 1024 * 1024 * 1024
_SECONDS = 15
_WRITTEN = 64 * 1024 * 1024
_MOST_PIXELS = 64_000_000
_LONGEST_SIDE = 16_000
_THUMBNAIL = (640, 640)
_MOST_ENTRIES = 5_000
_MOST_UNPACKED = 256 * 1024 * 1024
_MOST_TIMES = 200
_DOCX_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


class Unfit(Exception):
    """What is not taken, by the code with which the process ends."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def limit() -> None:
    """From here on the process may take only so much."""
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, _WRITTEN),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(3 * _SECONDS)


def picture(source: Any, whole: Any, thumbnail: Any) -> None:
    """The picture of its pixels alone: upright, with nothing that stood beside them in the file."""
    from PIL import Image, ImageOps

    image = _opened(source)
    if image.width * image.height > _MOST_PIXELS or max(image.size) > _LONGEST_SIDE:
        raise Unfit(TOO_MANY_PIXELS)
    form = "JPEG" if image.format == "HEIF" else str(image.format)
    image.load()
    image = _colours(ImageOps.exif_transpose(image), form)
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    del image
    bare.save(whole, form, **({"quality": 88} if form != "PNG" else {}))
    whole.flush()
    bare.thumbnail(_THUMBNAIL)
    on_white = Image.new("RGB", bare.size, "white")
    on_white.paste(bare, mask=bare.getchannel("A") if bare.mode == "RGBA" else None)
    on_white.save(thumbnail, "JPEG", quality=80)
    thumbnail.flush()


def _opened(source: Any) -> Any:
    """The picture with its head read and nothing decoded."""
    import pi_heif
    from PIL import Image, UnidentifiedImageError

    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # judged right after, by our own limit
    try:
        return Image.open(source, formats=("JPEG", "PNG", "WEBP", "HEIF"))
    except UnidentifiedImageError:
        raise Unfit(UNREADABLE) from None


def _colours(image: Any, form: str) -> Any:
    """The picture in sRGB, which is what stays when its profile goes."""
    from io import BytesIO

    from PIL import ImageCms

    has_alpha = "A" in image.mode or "transparency" in image.info
    mode = "RGBA" if has_alpha and form != "JPEG" else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode == "RGB":
        try:
            ours, theirs = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(BytesIO(profile))
            image = ImageCms.profileToProfile(image, theirs, ours)
        except (ImageCms.PyCMSError, OSError):  # a broken profile says nothing of the colours
            return image
    return image if image.mode == mode else image.convert(mode)


def document(source: Any, kind: str) -> None:
    """A packed document: of the kind that it seems, without macros, and no bomb. Nothing of it is unpacked."""
    with zipfile.ZipFile(source) as packed:
        entries = packed.infolist()
        unpacked, size = sum(each.file_size for each in entries), sum(each.compress_size for each in entries)
        if len(entries) > _MOST_ENTRIES or unpacked > _MOST_UNPACKED or unpacked > _MOST_TIMES * max(size, 1):
            raise Unfit(TOO_COSTLY)
        names = {each.filename for each in entries}
        if any("vbaproject" in name.lower() or name.startswith(("Basic/", "Scripts/")) for name in names):
            raise Unfit(MACROS)
        if kind == "docx":
            if not {"[Content_Types].xml", "word/document.xml"} <= names:
                raise Unfit(OTHER_KIND)
            with packed.open("[Content_Types].xml") as types:
                if _DOCX_MAIN not in types.read(1024 * 1024):
                    raise Unfit(OTHER_KIND)
        elif not {"content.xml", "META-INF/manifest.xml"} <= names:
            raise Unfit(OTHER_KIND)


def main(kind: str, thumbnail: str = "") -> int:
    """Reads the file from standard input; of a picture writes the new one to standard output and its thumbnail to the
    open file of that number."""
    limit()
    source = sys.stdin.buffer
    try:
        if kind == "picture":
            with open(int(thumbnail), "wb") as small:
                picture(source, sys.stdout.buffer, small)
        else:
            document(source, kind)
    except Unfit as unfit:
        return unfit.code
    except MemoryError:
        return TOO_COSTLY
    except Exception:
        return UNREADABLE
    return DONE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
