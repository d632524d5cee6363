"""Renderer: a scene worked out, ready to give any of its frames."""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.actor import Actor
from gmmtrack.scenes.background import inside_polygon
from gmmtrack.scenes.camera import Image
from gmmtrack.scenes.disturbance import Apply, Moment, Picture, Setting, Stage
from gmmtrack.scenes.materials import materials
from gmmtrack.scenes.path import Place, Trajectory
from gmmtrack.scenes.scene import FOREGROUND, SHADOW, Scene, TrueFrame
from gmmtrack.scenes.shake import Shake
from gmmtrack.scenes.shape import Body
from gmmtrack.scenes.sprite import Pose, Sprite, fit, place, place_shadow

_FAINTEST_SHADOW = 0.1  # share of light lost from which on a shadow counts as one
_LIFT = 0.12  # lengths that what is seen from above floats over its shadow

_T = TypeVar("_T", bound=Any)

# Each random stream has a number of its own, so that adding an object does not change the background.
_PLATE, _OCCLUDERS, _DISTURBANCES, _OBJECTS, _CAMERA, _FRAMES = range(6)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An object laid into the picture. box: of all its pixels [x0, y0, x1, y1] · n_pixels: of the whole silhouette."""

    number: int
    label: int
    box: tuple[int, int, int, int]
    n_pixels: int


class Renderer:
    """Gives the frames of `scene`, in any order."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._margin = sum(
            int(np.ceil(2 * item.amplitude)) + 1 for item in scene.disturbances if isinstance(item, Shake)
        )
        self._plate = scene.background.paint(scene.size, self._margin, scene.view, self._rng(_PLATE))
        self._front = np.full(self._plate.shape[:2], -np.inf, np.float32)
        self._raise_occluders()
        if scene.camera.kind == "thermal":
            self._plate = 90 + 0.3 * (self._plate - 120)
        self._effects = self._start_disturbances()
        self._bodies: dict[int, Body] = {}
        self._trajectories = [Trajectory(actor.path, scene.view) for actor in scene.objects]
        self._expose = scene.camera.start(scene.size, self._rng(_CAMERA))

    def frame(self, index: int) -> TrueFrame:
        """Return frame `index` and what is true of it."""
        time = index / self._scene.frame_rate
        cast = self._cast(time)
        moment = Moment(time, self._rng(_FRAMES, index), tuple((actor, place) for _, actor, place in cast))
        picture = Picture(self._plate.copy(), self._front.copy(), np.zeros(2))
        self._disturb(Stage.GROUND, picture, moment)
        poses = [(number, actor, *self._pose(number, actor, place, time)) for number, actor, place in cast]
        shade = self._cast_shadows(picture, poses)
        owners = np.zeros(shade.shape, np.int32)
        drawn = [self._draw(picture, owners, *pose) for pose in sorted(poses, key=lambda pose: pose[3].y)]
        for stage in (Stage.AIR, Stage.LIGHT, Stage.CAMERA):
            self._disturb(stage, picture, moment)
        corner = np.rint(picture.offset).astype(int) + self._margin
        image = self._expose(self._filmed(picture), self._rng(_FRAMES, index, 1))
        return self._truth(index, image, self._crop(owners, corner), self._crop(shade, corner), drawn, corner)

    def _rng(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng([self._scene.seed, *stream])

    def _raise_occluders(self) -> None:
        width, height = self._scene.size
        x = np.arange(-self._margin, width + self._margin, dtype=np.float32)[None, :] + 0.5
        y = np.arange(-self._margin, height + self._margin, dtype=np.float32)[:, None] + 0.5
        for number, occluder in enumerate(self._scene.occluders):
            inside = inside_polygon(occluder.region.points, x / width, y / height)
            u, v = np.broadcast_arrays(x, y)
            colour = materials()[occluder.region.material][0](u, v, self._rng(_OCCLUDERS, number))
            side = np.linspace(1.12, 0.8, max(int(inside.any(0).sum()), 1), dtype=np.float32)
            light = np.interp(np.arange(x.size), np.flatnonzero(inside.any(0)), side) if inside.any() else 1.0
            self._plate[inside] = (np.clip(colour * occluder.region.shade, 3, 250) * np.reshape(light, (1, -1, 1)))[
                inside
            ]
            self._front[inside] = np.inf if occluder.base is None else occluder.base * height + self._margin

    def _start_disturbances(self) -> list[tuple[Stage, Apply]]:
        scene, started = self._scene, []
        for number, item in enumerate(scene.disturbances):
            rng = self._rng(_DISTURBANCES, number)
            setting = Setting(scene.size, self._margin, self._plate, self._front, scene.view, rng)
            started.append((item.stage, item.start(setting)))
        return started

    def _disturb(self, stage: Stage, picture: Picture, moment: Moment) -> None:
        for own_stage, apply in self._effects:
            if own_stage == stage:
                apply(picture, moment)

    def _cast(self, time: float) -> list[tuple[int, Actor, Place]]:
        """Return id, actor and place (margin added) of all that exists at `time`."""
        present, n_objects = [], len(self._scene.objects)
        for row, actor in enumerate(self._scene.objects):
            at = self._trajectories[row].at(time)
            if at is not None:
                moved = replace(at, x=at.x + self._margin, y=at.y + self._margin)
                present.append((row + 1 + at.number * n_objects, actor, moved))
        return present

    def _pose(self, number: int, actor: Actor, at: Place, time: float) -> tuple[Sprite, Pose]:
        row = (number - 1) % len(self._scene.objects)
        if row not in self._bodies:
            self._bodies[row] = actor.shape.body(self._rng(_OBJECTS, row))
        look = self._bodies[row].look(at, time)
        zoom = self._scene.view.scale(at.y - self._margin) / look.resolution
        sprite, zoom = fit(look.sprite, zoom)
        coarser = look.sprite.inside.shape[1] / sprite.inside.shape[1]
        bend = (look.bend[0] / coarser, look.bend[1])
        return sprite, Pose(at.x, at.y, zoom, look.mirror, look.angle, bend)

    def _cast_shadows(self, picture: Picture, poses: list[tuple[int, Actor, Sprite, Pose]]) -> NDArray[np.float32]:
        """Darken the ground where objects shade it, and return the share of light lost (H, W)."""
        shade = np.zeros(picture.front.shape, np.float32)
        sun = self._scene.sun
        if sun is None or not poses:
            return shade
        for _, actor, sprite, pose in poses:
            if actor.shape.upright:
                laid = place_shadow(sprite, pose, sun.fall)
            else:
                lift = _LIFT * max(sprite.inside.shape) * pose.zoom
                laid = place(sprite, replace(pose, x=pose.x + lift * sun.fall[0], y=pose.y + lift * sun.fall[1]))
            soft = sprite.soft[laid.rows, laid.columns]
            inner, outer = _overlap(laid.corner, soft.shape, shade.shape)
            np.maximum(shade[outer], sun.strength * soft[inner], out=shade[outer])
        shade[np.isposinf(picture.front)] = 0
        rows = np.flatnonzero(shade.any(1))
        if rows.size:
            band = slice(rows[0], rows[-1] + 1)
            picture.canvas[band] *= 1 - shade[band, :, None] * np.array([0.88, 0.97, 1.05], np.float32)
        return shade

    def _draw(
        self, picture: Picture, owners: NDArray[np.int32], number: int, actor: Actor, sprite: Sprite, pose: Pose
    ) -> _Drawn:
        laid = place(sprite, pose)
        inside = sprite.inside[laid.rows, laid.columns]
        inner, outer = _overlap(laid.corner, inside.shape, owners.shape)
        seen = inside[inner] & (picture.front[outer] <= pose.y)
        painted = sprite.colour[laid.rows, laid.columns][inner]
        colour = _warmth(painted) if self._scene.camera.kind == "thermal" else painted
        np.copyto(picture.canvas[outer], colour, where=seen[..., None])
        np.copyto(owners[outer], np.int32(number), where=seen)
        return _Drawn(number, actor.shape.label, _tight(inside, laid.corner), int(inside.sum()))

    def _filmed(self, picture: Picture) -> NDArray[np.float32]:
        """Return what the camera points at (H, W, 3), shifted by whole and, by straight lines, by parts of pixels."""
        corner = np.rint(picture.offset).astype(int)
        view = self._crop(picture.canvas, corner + self._margin)
        for axis, part in zip((1, 0), picture.offset - corner, strict=True):
            if part:
                beside = corner.copy()
                beside[1 - axis] += 1 if part > 0 else -1
                share = np.float32(abs(part))
                view = view * (1 - share) + self._crop(picture.canvas, beside + self._margin) * share
        return view

    def _crop(self, plane: NDArray[_T], corner: NDArray[np.int_]) -> NDArray[_T]:
        width, height = self._scene.size
        return plane[corner[1] : corner[1] + height, corner[0] : corner[0] + width]

    def _truth(
        self,
        index: int,
        image: Image,
        owners: NDArray[np.int32],
        shade: NDArray[np.float32],
        drawn: list[_Drawn],
        corner: NDArray[np.int_],
    ) -> TrueFrame:
        mask = np.where(shade >= _FAINTEST_SHADOW, np.uint8(SHADOW), np.uint8(0))
        mask[owners > 0] = FOREGROUND
        height, width = owners.shape
        rows = []
        for item in sorted(drawn, key=lambda item: item.number):
            if not item.n_pixels:
                continue
            x0, y0, x1, y1 = np.array(item.box) - np.tile(corner, 2)
            if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
                continue
            inner = (slice(max(y0, 0), y1), slice(max(x0, 0), x1))
            seen = owners[inner] == item.number
            at = (int(inner[1].start), int(inner[0].start))
            rows.append((item.number, item.label, (x0, y0, x1, y1), _tight(seen, at), seen.sum() / item.n_pixels))
        return TrueFrame(
            image=image,
            index=index,
            time=index / self._scene.frame_rate,
            mask=mask,
            owners=owners.copy(),
            ids=np.array([row[0] for row in rows], np.int64),
            labels=np.array([row[1] for row in rows], np.int64),
            boxes=np.array([row[2] for row in rows], np.float64).reshape(-1, 4),
            visible_boxes=np.array([row[3] for row in rows], np.float64).reshape(-1, 4),
            visibility=np.array([row[4] for row in rows], np.float64),
        )


def _overlap(
    corner: tuple[int, int], shape: tuple[int, ...], within: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the part of a patch at `corner` that lies within a plane, as slices of the patch and of the plane."""
    x, y = corner
    left, right = (int(np.clip(edge, 0, within[1])) for edge in (x, x + shape[1]))
    top, bottom = (int(np.clip(edge, 0, within[0])) for edge in (y, y + shape[0]))
    return (slice(top - y, bottom - y), slice(left - x, right - x)), (slice(top, bottom), slice(left, right))


def _tight(inside: NDArray[np.bool_], corner: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box x0, y0, x1, y1 of what is true in a patch at `corner`; zeros where nothing is."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not rows.size:
        return 0, 0, 0, 0
    x, y = corner
    return x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1


def _warmth(colour: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how a thermal camera sees what it would see as `colour`: bodies are warm, clothes a little less."""
    level = 150 + 0.35 * colour.mean(-1, dtype=np.float32)
    return np.repeat(level[..., None], 3, axis=-1)
