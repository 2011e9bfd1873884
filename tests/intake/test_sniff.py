"""What a file is, told by its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.sniff import sniff
from tests.intake.books import enrolment, text, xls, xlsx

CSV = text(enrolment(1))


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_text_is_decoded_by_its_bytes(encoding: str, named: str) -> None:
    sniffed = sniff(text(enrolment(1), encoding))
    assert (sniffed.kind, sniffed.encoding) == ("text", named)
    assert sniffed.text is not None
    assert "学校标识码" in sniffed.text
    assert not sniffed.text.startswith("\ufeff")


def test_utf16_big_endian_with_its_mark() -> None:
    sniffed = sniff(b"\xfe\xff" + CSV.decode().encode("utf-16-be"))
    assert sniffed.kind == "text"
    assert "学校标识码" in (sniffed.text or "")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content", [CSV.decode(), "学校标识码\t学校名称\n2199000001\t一\n", "a,b\n1,2\n"])
def test_utf16_without_a_mark(encoding: str, content: str) -> None:
    sniffed = sniff(content.encode(encoding))
    assert (sniffed.kind, sniffed.encoding, sniffed.text) == ("text", encoding, content)


@pytest.mark.parametrize(
    "content", [b"a,b\x00\n1,2\n", b"\x00" * 64, bytes(range(256)) * 4, "学校".encode("utf-16-le") + b"\x00"]
)
def test_zero_bytes_that_are_no_utf16(content: bytes) -> None:
    assert sniff(content).kind in ("other", "empty")


def test_characters_that_only_gb18030_has() -> None:
    assert "㐀" in (sniff("学校㐀,𠮷田\n".encode("gb18030")).text or "")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(delimiter: str) -> None:
    assert sniff(text(enrolment(1), delimiter=delimiter)).delimiter == delimiter


def test_workbooks_whatever_they_are_called() -> None:
    assert sniff(xlsx(enrolment(1))).kind == "xlsx"
    assert sniff(xls(enrolment(1))).kind == "xls"


@pytest.mark.parametrize(
    "content", [b"", b"   \r\n\t", "\ufeff".encode(), "\ufeff  \n".encode(), "\ufeff".encode("utf-16")]
)
def test_nothing_in_it(content: bytes) -> None:
    assert sniff(content).kind == "empty"


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"<html><body><table><tr><td>1</td></tr></table></body></html>",
        b'<?xml version="1.0"?><Workbook/>',
        b"  <!DOCTYPE html>\n<html></html>",
        b'{"rows": [1, 2]}',
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x00\x01\x02\x03",
        bytes(range(256)),
        b"Rar!\x1a\x07\x00" + bytes(range(64)),
    ],
)
def test_other_files(content: bytes) -> None:
    assert sniff(content).kind == "other"


@pytest.mark.parametrize(
    ("content", "name", "fits"),
    [
        (CSV, "a.csv", True),
        (CSV, "a.CSV", True),
        (CSV, "a.xlsx", False),
        (CSV, "a", False),
        (xlsx(enrolment(1)), "a.xlsx", True),
        (xlsx(enrolment(1)), "a.xls", False),
        (xls(enrolment(1)), "a.et", True),
    ],
)
def test_extension_is_only_a_claim(content: bytes, name: str, fits: bool) -> None:
    assert sniff(content).fits_extension(name) is fits


@given(st.binary(max_size=400))
def test_never_raises(content: bytes) -> None:
    assert sniff(content).kind in ("xlsx", "xls", "text", "empty", "other")
