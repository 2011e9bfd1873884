"""Numbers as text, the same on pictures, pages and in alt texts.

Belongs here: rounding for the eye. Does not belong here: words. Unknown is an en dash, never 0.
"""

from __future__ import annotations

from pipelines.dashboards.facts import ROUNDING

NONE = "–"
MINUS = "−"


def coefficient(value: float | None, line: float | None = None) -> str:
    """A coefficient with 3 decimals; with more where 3 would put it on the wrong side of (or onto) its line."""
    if value is None:
        return NONE
    for digits in range(3, 12):
        shown = f"{value:.{digits}f}"
        if line is None or abs(value - line) <= ROUNDING:
            return shown
        if (float(shown) > line) == (value > line) and float(shown) != line:
            return shown
    return repr(value)


def line(value: float | None) -> str:
    """A threshold with at least 2 decimals (from 100 on, with those it has), without padding beyond them."""
    if value is None:
        return NONE
    if abs(value) >= 100:
        return plain_figure(value)
    exact = f"{value:.6f}".rstrip("0")
    return exact if len(exact.partition(".")[2]) >= 2 else f"{value:.2f}"


def change(value: float | None) -> str:
    """A change in a coefficient, signed, 3 decimals."""
    if value is None:
        return NONE
    shown = f"{abs(value):.3f}"
    if float(shown) == 0.0:
        return shown
    return ("+" if value > 0 else MINUS) + shown


def share(value: float | None) -> str:
    """A fraction as percent with 1 decimal."""
    return NONE if value is None else f"{value * 100:.1f}%"


def share_against(value: float | None, line: float | None = None) -> str:
    """A fraction as percent with 1 decimal; with more where 1 would put it on the wrong side of (or onto) its line."""
    return NONE if value is None else f"{_against(value * 100, None if line is None else line * 100, 1)}%"


def points(value: float | None, line: float | None = None) -> str:
    """Percentage points, signed, 2 decimals; with more where 2 would put it on the wrong side of its line."""
    if value is None:
        return NONE
    shown = _against(value, line, 2)
    return shown if value <= 0 else f"+{shown}"


def growth(value: float | None) -> str:
    """A growth (a fraction) as signed percent, 2 decimals; with more where 2 would write a growth or a fall as none."""
    return NONE if value is None else f"{points(value * 100, 0.0)}%"


def plain(value: float | None, line: float | None = None) -> str:
    """A figure without needless decimals (scores, counts): 81.5, 2,000; with more where its line asks for them."""
    if value is None:
        return NONE
    whole = abs(value - round(value)) <= ROUNDING
    return f"{value:,.0f}".replace("-", MINUS) if whole else _against(value, line, 1)


def _against(value: float, line: float | None, digits: int) -> str:
    for more in range(digits, 12):
        shown = f"{value:,.{more}f}"
        if line is None or abs(value - line) <= ROUNDING:
            break
        number = float(shown.replace(",", ""))
        if (number > line) == (value > line) and number != line:
            break
    return shown.replace("-", MINUS)


def count(value: float | None) -> str:
    """A whole number with thousands separators (pupils may be fractional after weighting: rounded)."""
    return NONE if value is None else f"{value:,.0f}".replace("-", MINUS)


def moment(value: str) -> str:
    """An ISO time to the minute, without the T; anything else as it stands."""
    return f"{value[:10]} {value[11:16]}" if len(value) > 16 and value[10] == "T" else value


def digest(value: str) -> str:
    """The first 12 of a long hexadecimal digest; anything else as it stands."""
    return value[:12] if len(value) >= 40 and all(letter in "0123456789abcdef" for letter in value) else value


def figure(value: float | None) -> str:
    """A value of any size with about 4 significant digits, no more than it has: 0.0612, 6.334, 2,145, 4."""
    if value is None:
        return NONE
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 1 else 4
    shown = f"{value:,.{digits}f}"
    if digits and abs(value - round(value, digits)) <= ROUNDING:  # nothing was cut off
        shown = shown.rstrip("0").rstrip(".")
    return shown.replace("-", MINUS)


def figure_against(value: float | None, line: float | None = None) -> str:
    """As :func:`figure`, with more digits where its own would put it on the wrong side of (or onto) ``line``."""
    if value is None:
        return NONE
    size = abs(value)
    return _against(
        value, line, 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 1 else 4
    )


def plain_figure(value: float | None) -> str:
    """A line or floor as the rule writes it: without padding (4.2, 2,000, 3.825)."""
    if value is None:
        return NONE
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", MINUS)
