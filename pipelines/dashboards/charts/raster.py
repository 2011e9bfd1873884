"""Pictures as PNG: for slides and letters that take no SVG, and small ones for Dagster.

Belongs here: pixels, their palette, the bytes of the file, another foot on a finished file. Does not belong here:
what is drawn; whose id stands in the foot (``stamp.py``).

The foot with source and release id lies alone in the last rows. They are a part of the compressed data of their own,
with colours of their own, so that another release's foot takes the place of the old one without decoding the picture:
the parts of a deflate stream may be put together, and the checksum goes on from that of the pixels above the foot.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray
from PIL import Image

from pipelines.dashboards.charts.recording import Drawn, Recording

#: Two pixels for each of a page: sharp on paper at the size it has on the page, 18 KB a picture.
DPI = 192
#: Colours of the body; those after them are the shades of the foot, from white to the colour of its words.
COLOURS = 240
SHADES = 256 - COLOURS
#: Steps of a channel within which an entry of the palette stands for a colour that was drawn with.
SNAP = 4
_BEGIN = b"\x89PNG\r\n\x1a\n"
#: Private, may be copied: the size of the sheet in inches, of its foot in inches and rows, the checksum without it.
_SHEET = b"juSt"
_INCH = 0.0254


@dataclass(frozen=True)
class Sheet:
    """What a finished PNG says of itself: width and foot in inches, columns and rows of the foot in pixels.

    ``body``: checksum (Adler-32) of the pixels above the foot; sheets that differ in nothing else take the same foot.
    """

    width: float
    foot: float
    columns: int
    rows: int
    body: int = field(compare=False)


def png(recording: Recording, foot_colour: str) -> bytes:
    """The picture as PNG with an empty foot; the same picture gives the same bytes on every run."""
    wide, high = _pixels(recording)
    rows = int(recording.foot * DPI)
    renderer = _renderer(wide, high, DPI)
    recording.tell(renderer, scale=DPI / 72, write=lambda step: step.foot)
    seen = Image.fromarray(_over_white(renderer)[: high - rows])
    reduced = seen.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = _snapped(bytes(reduced.getpalette() or ())[: COLOURS * 3], recording)
    body = zlib.compressobj(6)
    lines = _lines(numpy.asarray(reduced))
    packed = body.compress(lines) + body.flush(zlib.Z_FULL_FLUSH)
    about = Sheet(recording.width, recording.foot, wide, rows, zlib.adler32(lines))
    density = round(DPI / _INCH)
    return with_foot(
        _BEGIN
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0))
        + _chunk(b"pHYs", struct.pack(">IIB", density, density, 1))
        + _chunk(_SHEET, json.dumps(asdict(about)).encode())
        + _chunk(b"PLTE", palette + _shades(foot_colour))
        + _chunk(b"IDAT", packed)
        + _chunk(b"IDAT", b"")
        + _chunk(b"IEND", b""),
        numpy.zeros((rows, wide), numpy.uint8),
    )


def sheet_of(content: bytes) -> Sheet:
    """What a PNG made by :func:`png` says of itself. Raises ``ValueError`` for any other."""
    for kind, body in _chunks(content):
        if kind == _SHEET:
            return Sheet(**json.loads(body))
    raise ValueError("a PNG that was not made here")


def with_foot(content: bytes, foot: NDArray[numpy.uint8]) -> bytes:
    """``content`` with the shades ``foot`` (rows × columns, 0 white … 15 words) in its last rows."""
    chunks = list(_chunks(content))
    lines = _lines(foot + numpy.uint8(COLOURS))
    sum_of_all = zlib.adler32(lines, sheet_of(content).body)
    part = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    last = part.compress(lines) + part.flush() + struct.pack(">I", sum_of_all)
    at = max(place for place, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    chunks[at] = (b"IDAT", last)
    return _BEGIN + b"".join(_chunk(kind, each) for kind, each in chunks)


def shades(recording: Recording, sheet: Sheet) -> NDArray[numpy.uint8]:
    """A foot drawn black on white, as the shades of :func:`with_foot`."""
    renderer = _renderer(sheet.columns, sheet.rows, DPI)
    recording.tell(renderer, scale=DPI / 72)
    ink = 255 - _over_white(renderer)[:, :, 1].astype(numpy.int32)
    found: NDArray[numpy.uint8] = ((ink * (SHADES - 1) + 127) // 255).astype(numpy.uint8)
    return found


def small_png(recording: Recording, dpi: float) -> bytes:
    """The whole picture in full colours at another size, for a preview."""
    renderer = _renderer(int(recording.width * dpi), int(recording.height * dpi), dpi)
    recording.tell(renderer, scale=dpi / 72)
    buffer = io.BytesIO()
    Image.fromarray(_over_white(renderer)).save(buffer, "PNG")
    return buffer.getvalue()


def _pixels(recording: Recording) -> tuple[int, int]:
    return int(recording.width * DPI), int(recording.height * DPI)


def _renderer(columns: int, rows: int, dpi: float) -> Any:
    return RendererAgg(columns, rows, dpi)  # type: ignore[no-untyped-call]


def _over_white(renderer: Any) -> NDArray[numpy.uint8]:
    """Pixels as rows × columns × (red, green, blue); what nothing was drawn on is white."""
    pixels: NDArray[numpy.uint8] = numpy.asarray(renderer.buffer_rgba()).copy()
    pixels[pixels[:, :, 3] == 0] = 255
    return numpy.ascontiguousarray(pixels[:, :, :3])


def _snapped(palette: bytes, recording: Recording) -> bytes:
    """The palette with the colours that were drawn with as they are: entries are means of what is near."""
    drawn: set[tuple[int, ...]] = {(255, 255, 255)}
    for step in recording.steps:
        for colour in (step.context.get_rgb(), step.fill if isinstance(step, Drawn) else None):
            if colour is not None:
                drawn.add(tuple(round(float(part) * 255) for part in colour[:3]))
    exact = numpy.array(sorted(drawn), numpy.int32)
    found = numpy.frombuffer(palette.ljust(COLOURS * 3, b"\0"), numpy.uint8).reshape(-1, 3).astype(numpy.int32)
    apart = numpy.abs(found[:, None, :] - exact[None, :, :]).max(axis=2)
    near = apart.min(axis=1) <= SNAP
    found[near] = exact[apart.argmin(axis=1)[near]]
    return found.astype(numpy.uint8).tobytes()


def _lines(indices: NDArray[numpy.uint8]) -> bytes:
    """Rows of pixels, each after the byte that says that it is not filtered."""
    return numpy.pad(indices, ((0, 0), (1, 0))).tobytes()


def _shades(colour: str) -> bytes:
    full = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return bytes(
        round(255 + (each - 255) * step / (SHADES - 1)) for step in range(SHADES) for each in full
    )  # fmt: skip


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_BEGIN)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        yield content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        place += 12 + length
