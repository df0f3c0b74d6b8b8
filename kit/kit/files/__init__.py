"""Files of a hromada: taken in a stream, judged by what they hold, made anew where they are pictures, kept encrypted in
a store of blobs.

A blob stands before the row that names it: what is left without a row is collected a day later. Without the key in its
row a blob is noise.
"""

from kit.files.files import FILES, FileRow, Files, Folder
from kit.files.kinds import Kind
from kit.files.making import Made, make
from kit.files.receiving import Declared, Received, received
from kit.files.tidying import remove

__all__ = ["FILES", "Declared", "FileRow", "Files", "Folder", "Kind", "Made", "Received", "make", "received", "remove"]
