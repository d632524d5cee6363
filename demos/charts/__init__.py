"""Charts for the demos: points, curves and ellipses in the units of the data, drawn by OpenCV."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from gmmtrack.outputs.encoder import Encoder
from gmmtrack.outputs.palette import color_of

PAPER, GRID, INK, FAINT = (252, 251, 250), (232, 229, 226), (60, 56, 52), (150, 144, 138)
COLORS = np.array([color_of(t) for t in (5, 0, 3, 4, 6, 1)], float)  # told apart also by the colour-blind
_FINE, _SHIFT = 2, 4  # drawn twice as large and averaged down; corners in sixteenths of a pixel


def output_folder(about: str | None) -> Path:
    """Return the folder that --output names, made if need be."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("output"), help="folder of what is written")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Chart:
    """One plot: x from left to right and y upwards, in the units of the data."""

    def __init__(self, size, x, y, title="", *, ticks=True):
        """size: (width, height) [pixels] · x, y: (low, high) shown"""
        self.size, self.x, self.y = size, x, y
        self.canvas = np.full((size[1] * _FINE, size[0] * _FINE, 3), PAPER, np.uint8)
        left, bottom = (52, 34) if ticks else (14, 14)
        self.box = (left, 40 if title else 14, size[0] - 14, size[1] - bottom)
        if ticks:
            self._ticks()
        x0, y0, x1, y1 = (v * _FINE for v in self.box)
        cv2.rectangle(self.canvas, (x0, y0), (x1, y1), GRID, _FINE)
        if title:
            self.text((self.box[0], 26), title, 17)

    def at(self, points):
        """Return points (N, 2) of the data as pixels (N, 2)."""
        x0, y0, x1, y1 = self.box
        share = (np.asarray(points, float) - (self.x[0], self.y[0])) / (self.x[1] - self.x[0], self.y[1] - self.y[0])
        return np.array([x0, y1]) + share * (x1 - x0, y0 - y1)

    def points(self, points, colors, radius=1.6, opacity=0.75):
        """Draw points (N, 2) in one colour or in colors (N, 3)."""
        under = self.canvas.copy() if opacity < 1 else None
        corners = np.rint(self.at(points) * _FINE * (1 << _SHIFT)).astype(int).tolist()
        size = round(radius * _FINE * (1 << _SHIFT))
        tints = np.broadcast_to(colors, (len(corners), 3)).tolist()
        for corner, tint in zip(corners, tints, strict=True):
            cv2.circle(self.canvas, corner, size, tint, -1, cv2.LINE_AA, _SHIFT)
        if under is not None:
            self.canvas[:] = cv2.addWeighted(under, 1 - opacity, self.canvas, opacity, 0)

    def line(self, points, color=INK, width=2.0, *, dashed=False):
        """Draw a line through points (N, 2); what lies outside the frame is cut off."""
        corners = self._corners(points)
        pieces = [corners[i : i + 4] for i in range(0, len(corners), 7)] if dashed else [corners]
        cv2.polylines(self._inside, pieces, False, _tuple(color), round(width * _FINE), cv2.LINE_AA, _SHIFT)

    def fill(self, points, color, opacity=0.3):
        """Fill the polygon of points (N, 2)."""
        under = self._inside.copy()
        cv2.fillPoly(self._inside, [self._corners(points)], _tuple(color), cv2.LINE_AA, _SHIFT)
        self._inside[:] = cv2.addWeighted(under, 1 - opacity, self._inside, opacity, 0)

    def ellipse(self, row, color, width=2.5, *, fill=0.0, dashed=False):
        """Draw one row (x, y, a, b, angle) of `GaussianMixture.ellipses`."""
        x, y, a, b, degrees = row
        t = np.linspace(0, 2 * np.pi, 141)
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        rim = np.stack([a * np.cos(t), b * np.sin(t)], axis=1) @ np.array([[c, s], [-s, c]]) + (x, y)
        if fill:
            self.fill(rim, color, fill)
        self.line(rim, color, width, dashed=dashed)

    def text(self, corner, words, height, color=INK, *, right=False):
        """Write words with their lower left (or right) end at a corner [pixels]."""
        scale, width = height * _FINE / 30, max(1, round(height * _FINE / 14))
        wide = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, width)[0][0]
        x, y = (round(v * _FINE) for v in corner)
        cv2.putText(
            self.canvas, words, (x - wide if right else x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, _tuple(color), width,
            cv2.LINE_AA,
        )  # fmt: skip

    def image(self):
        """Return the chart, (H, W, 3) uint8."""
        return cv2.resize(self.canvas, self.size, interpolation=cv2.INTER_AREA)

    @property
    def _inside(self):
        x0, y0, x1, y1 = (v * _FINE for v in self.box)
        return self.canvas[y0:y1, x0:x1]

    def _corners(self, points):
        pixels = np.clip(self.at(points) - self.box[:2], -1e4, 1e4)
        return np.rint(pixels * _FINE * (1 << _SHIFT)).astype(np.int32)

    def _ticks(self):
        for axis, (low, high) in enumerate((self.x, self.y)):
            step = 10.0 ** np.floor(np.log10((high - low) / 3))
            step *= next(m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= 6)
            for value in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step:
                ends = np.array([[value, self.y[0]], [value, self.y[1]]] if axis == 0 else
                                [[self.x[0], value], [self.x[1], value]])  # fmt: skip
                self.line(ends, GRID, 1)
                x, y = self.at(ends[:1])[0]
                words = f"{value + 0.0:.10g}"
                self.text((x + 3.5 * len(words), y + 18) if axis == 0 else (x - 6, y + 4), words, 11, FAINT, right=True)


def _tuple(color):
    return tuple(float(level) for level in color)


def blend(shares):
    """Return the colour (N, 3) of points with responsibilities (N, K)."""
    rest = np.clip(1 - shares.sum(axis=1, keepdims=True), 0, 1)
    return shares @ COLORS[: shares.shape[1]] + rest * np.array(FAINT)


def likelihood_chart(size, bounds, n_iterations, low, high):
    """Return a chart of the mean log likelihood of a point so far."""
    chart = Chart(size, (0, n_iterations), (low, high), "log likelihood of a point")
    chart.line(np.column_stack([np.arange(len(bounds)), bounds]), COLORS[0], 2.5)
    chart.points([[len(bounds) - 1, bounds[-1]]], COLORS[4], 5, 1)
    return chart


def write_picture(path, image):
    """Write a picture, and say so."""
    cv2.imwrite(str(path), image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(f"wrote {path}")


def write_video(path, images, seconds):
    """Write images, each shown for so long [s], the last one for two seconds, and say so."""
    encoder = Encoder(path, images[0], 20)
    for index, image in enumerate([*images, images[-1]]):
        encoder.add(image, index * seconds + (2.0 if index == len(images) else 0.0))
    encoder.close()
    print(f"wrote {path}")
