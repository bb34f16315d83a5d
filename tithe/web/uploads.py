"""Files that people send. Nothing of them is stored: the page carries a checked file until it is imported."""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from io import BytesIO

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField

from tithe.kernel.errors import RuleBroken
from tithe.web.forms import TitheForm

LARGEST_FILE = 1024 * 1024
LARGEST_PACKED = 400_000  # what a page may carry from its check to its import
STALE = "The page does not fit any more. Choose the file again"


class FeedForm(TitheForm):
    """A file from the HR system. Once checked, the page carries it packed until it is imported."""

    missing = "Choose a CSV file to read"
    file = FileField("CSV file")
    packed = HiddenField(default="")
    skip_bad_rows = BooleanField("Leave out the bad rows and import the rest")

    def refuse_rows(self) -> None:
        """Say what to do about bad rows, beside the file; which they are stands in the report."""
        words = "Some rows are bad. Mend them and choose the file again, or leave them out"
        self.absorb(RuleBroken(words, field="file"))

    def read(self) -> BytesIO:
        """The file that was chosen, or the one the page carries."""
        if self.file.data or not self.packed.data:
            content = sent_file(self.file.data, self.missing)
            self.packed.data = b64encode(zlib.compress(content, 9)).decode()
            if len(self.packed.data) > LARGEST_PACKED:
                self.packed.data = ""
                raise RuleBroken("The file is too large for this page. Import it in parts, or by command", field="file")
            return BytesIO(content)
        return BytesIO(_unpacked(self.packed.data))


def sent_file(file: FileStorage | Sequence[object] | None, missing: str) -> bytes:
    """The bytes of a file field."""
    if not isinstance(file, FileStorage) or not file.filename:
        raise RuleBroken(missing, field="file")
    return bytes(file.read())


def _unpacked(packed: str) -> bytes:
    """What the page carried, and no more than a file may hold whatever it claims to unpack to."""
    opened = zlib.decompressobj()
    try:
        content = opened.decompress(b64decode(packed, validate=True), LARGEST_FILE)
    except (zlib.error, binascii.Error, ValueError):
        content = b""
    if not content or not opened.eof:
        raise RuleBroken(STALE, field="file")
    return content
