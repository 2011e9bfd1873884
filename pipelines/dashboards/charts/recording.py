"""A picture laid out once and written several times: as SVG, as pixels, into a booklet.

Belongs here: what matplotlib asks of a renderer, kept and told again to its own renderers. Does not belong here: files.

Half the cost of writing a matplotlib figure is walking over its artists and laying out their words; the same walk gave
SVG, PNG and PDF each time. Coordinates are points (1/72 inch) from the lower left corner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, TransformedPath

POINTS = 72.0
#: Name (``gid``) of words that belong to the foot of a picture.
FOOT = "foot"


@dataclass(frozen=True)
class Drawn:
    """A path, or marks along one (``marker`` with its ``marker_transform``)."""

    context: GraphicsContextBase
    path: Path
    transform: Affine2D
    fill: Any
    marker: Path | None = None
    marker_transform: Affine2D | None = None


@dataclass(frozen=True)
class Written:
    """Words on one line with their baseline at (``x``, ``y``)."""

    context: GraphicsContextBase
    x: float
    y: float
    words: str
    font: FontProperties
    angle: float
    foot: bool


@dataclass(frozen=True)
class Recording:
    """What a figure consists of; ``width`` and ``height`` in inches, ``foot`` is the height of its source line."""

    width: float
    height: float
    foot: float = 0.0
    steps: list[Drawn | Written] = field(default_factory=list)

    def tell(
        self, renderer: RendererBase, *, scale: float = 1.0, write: Callable[[Written], bool] | None = None
    ) -> None:
        """Draw everything with one of matplotlib's renderers whose unit is 1/``scale`` points.

        ``write`` is asked for all words first; those it has dealt with (True) are left out.
        """
        flips = renderer.flipy()
        _, high = renderer.get_canvas_width_height()
        larger = Affine2D().scale(scale)
        contexts: dict[int, GraphicsContextBase] = {}
        for step in self.steps:
            if isinstance(step, Written) and write is not None and write(step):
                continue
            context = contexts.get(id(step.context))
            if context is None:
                context = contexts[id(step.context)] = _like(renderer.new_gc(), step.context, scale)
            if isinstance(step, Written):
                y = step.y * scale
                renderer.draw_text(
                    context, step.x * scale, high - y if flips else y, step.words, step.font, step.angle
                )  # fmt: skip
            elif step.marker is None or step.marker_transform is None:
                renderer.draw_path(context, step.path, step.transform + larger, step.fill)
            else:
                renderer.draw_markers(
                    context, step.marker, step.marker_transform + larger, step.path, step.transform + larger, step.fill
                )


def record(figure: Figure, foot: float = 0.0) -> Recording:
    """Lay ``figure`` out. Raises ``NotImplementedError`` for what no chart here uses (images, shaded triangles)."""
    wide, high = (float(inches) for inches in figure.get_size_inches())
    recorder = _Recorder(Recording(wide, high, foot))
    before, figure.dpi = figure.dpi, POINTS
    try:
        figure.draw(recorder)
    finally:
        figure.dpi = before
    return recorder.recording


class _Recorder(RendererBase):
    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self.recording = recording

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.recording.width * POINTS, self.recording.height * POINTS

    def flipy(self) -> bool:
        return False

    def points_to_pixels(self, points: Any) -> Any:
        return points

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:  # fmt: skip
        found: tuple[float, float, float] = self._text2path.get_text_width_height_descent(s, prop, ismath)
        return found

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Any, rgbFace: Any = None) -> None:
        self.recording.steps.append(Drawn(_kept(gc), path, transform.frozen(), rgbFace))

    def draw_markers(
        self, gc: GraphicsContextBase, marker_path: Path, marker_trans: Any, path: Path, trans: Any, rgbFace: Any = None
    ) -> None:
        self.recording.steps.append(
            Drawn(_kept(gc), path, trans.frozen(), rgbFace, marker_path, marker_trans.frozen())
        )  # fmt: skip

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, angle: float,
        ismath: Any = False, mtext: Any = None,
    ) -> None:  # fmt: skip
        foot = mtext is not None and mtext.get_gid() == FOOT
        self.recording.steps.append(Written(_kept(gc), float(x), float(y), s, prop.copy(), float(angle), foot))

    def draw_image(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("a chart with an image")


def _kept(context: GraphicsContextBase) -> GraphicsContextBase:
    """A copy of a context that nothing changes later."""
    copy = GraphicsContextBase()
    copy.copy_properties(context)
    box = copy.get_clip_rectangle()
    if box is not None:
        copy.set_clip_rectangle(box.frozen())
    return copy


def _like(fresh: GraphicsContextBase, context: GraphicsContextBase, scale: float) -> GraphicsContextBase:
    fresh.copy_properties(context)
    if scale == 1.0:
        return fresh
    larger = Affine2D().scale(scale)
    box = context.get_clip_rectangle()
    if box is not None:
        fresh.set_clip_rectangle(box.transformed(larger))
    clip: tuple[Any, Any] = context.get_clip_path()
    if clip[0] is not None:
        fresh.set_clip_path(TransformedPath(clip[0], clip[1].frozen() + larger))
    return fresh
