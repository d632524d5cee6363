"""Ready-made scenes about what objects do: meet, turn back, stop, hide, come and go."""

from collections.abc import Callable

import numpy as np

from gmmtrack.scenes.actor import Actor, Occluder, pillar
from gmmtrack.scenes.animal import Animal, Insect
from gmmtrack.scenes.background import Background, Region
from gmmtrack.scenes.camera import Camera
from gmmtrack.scenes.foliage import Foliage
from gmmtrack.scenes.light import Drift
from gmmtrack.scenes.path import Path, walk, wander
from gmmtrack.scenes.person import Person
from gmmtrack.scenes.places import across, box, highway, lane_x, plaza, street
from gmmtrack.scenes.scene import Scene, Sun
from gmmtrack.scenes.vehicle import Vehicle
from gmmtrack.scenes.view import Perspective

Size = tuple[int, int]
Stops = tuple[tuple[int, float], ...]


def walker(
    size: Size,
    points: tuple[tuple[float, float], ...],
    *,
    start: float = 0.0,
    pace: float = 0.8,
    tall: float = 0.3,
    pauses: Stops = (),
    repeat: float | None = None,
) -> Actor:
    """Return someone who walks through `points` [shares of the frame]. pace: [heights/s] · tall: [frame heights]."""
    width, height = size
    pixels = [(x * width, y * height) for x, y in points]
    speed = pace * tall * height
    path = walk(pixels, speed=speed, start=start, view=across(size), pauses=pauses, repeat=repeat)
    return Actor(shape=Person(height=tall * height), path=path)


def crossing(size: Size, seed: int) -> Scene:
    """Two people walk towards each other, pass, and go on; a third crosses behind."""
    people = (
        walker(size, ((-0.06, 0.8), (1.06, 0.82))),
        walker(size, ((1.06, 0.78), (-0.06, 0.79))),
        walker(size, ((0.2, 0.42), (0.85, 0.5)), start=1.0),
    )
    return _on_the_plaza(size, seed, people, 10.0)


def turn_back(size: Size, seed: int) -> Scene:
    """Two people walk up to each other, stand together, and turn back."""
    people = (
        walker(size, ((-0.06, 0.78), (0.475, 0.79), (-0.06, 0.8)), pauses=((1, 1.0),)),
        walker(size, ((1.06, 0.8), (0.525, 0.8), (1.06, 0.79)), pauses=((1, 1.0),)),
    )
    return _on_the_plaza(size, seed, people, 10.0)


def walk_together(size: Size, seed: int) -> Scene:
    """Two people meet and go on side by side, as one blob."""
    people = (
        walker(size, ((-0.06, 0.7), (0.4, 0.8), (1.08, 0.8))),
        walker(size, ((0.02, 0.98), (0.43, 0.815), (1.11, 0.815))),
    )
    return _on_the_plaza(size, seed, people, 10.0)


def stop_and_go(size: Size, seed: int) -> Scene:
    """Someone stands still for 8 seconds, and goes on; another passes meanwhile."""
    people = (
        walker(size, ((-0.06, 0.8), (0.45, 0.8), (1.06, 0.78)), pauses=((1, 8.0),)),
        walker(size, ((1.06, 0.62), (-0.06, 0.6)), start=4.0),
    )
    return _on_the_plaza(size, seed, people, 18.0)


def stopped_minute(size: Size, seed: int) -> Scene:
    """Someone stands still for a minute, and goes on."""
    people = (
        walker(size, ((-0.06, 0.8), (0.45, 0.8), (1.06, 0.78)), pauses=((1, 60.0),)),
        walker(size, ((1.06, 0.55), (-0.06, 0.52)), start=10.0),
        walker(size, ((-0.06, 0.92), (1.06, 0.95)), start=40.0),
    )
    return _on_the_plaza(size, seed, people, 70.0)


def occlusion(size: Size, seed: int) -> Scene:
    """Three people pass behind a pillar and a bush, and appear again."""
    people = (
        walker(size, ((-0.06, 0.72), (1.06, 0.74))),
        walker(size, ((1.06, 0.66), (-0.06, 0.68)), start=0.5),
        walker(size, ((1.06, 0.93), (-0.06, 0.95)), start=2.5),
    )
    scenery = (pillar(0.42, 0.07, -0.2, 0.86),)
    bush = Foliage(box=(0.66, 0.42, 0.88, 0.92), amplitude=1.5, cover=0.55, base=0.86)
    return _on_the_plaza(size, seed, people, 10.0, occluders=scenery, disturbances=(bush,))


def ghost(size: Size, seed: int) -> Scene:
    """Someone stands there from the first frame, and leaves after 4 seconds; another passes."""
    people = (
        walker(size, ((0.4, 0.75), (1.06, 0.8)), start=0.0, pauses=((0, 4.0),)),
        walker(size, ((0.62, 0.6), (-0.06, 0.6)), start=0.0),
    )
    return _on_the_plaza(size, seed, people, 12.0)


def street_scene(size: Size, seed: int) -> Scene:
    """Many people and a few cars in a street, with perspective, shadows and a pillar in front."""
    rng = np.random.default_rng([seed, 7])
    people = []
    for number in range(11):
        y = float(rng.choice([rng.uniform(0.29, 0.38), rng.uniform(0.8, 0.98)]))
        ends = (-0.07, 1.07) if number % 2 else (1.07, -0.07)
        points: tuple[tuple[float, float], ...] = ((ends[0], y), (ends[1], y + rng.uniform(-0.02, 0.02)))
        if number in (2, 7):  # these cross the road
            middle = float(rng.uniform(0.3, 0.7))
            points = ((ends[0], 0.87), (middle, 0.82), (middle + 0.08, 0.36), (ends[1], 0.33))
        pauses = ((1, 2.5),) if number == 2 else ()
        start = -3.0 + 1.3 * number
        pace = float(rng.uniform(0.6, 0.95))
        people.append(walker(size, points, start=start, pace=pace, tall=0.26, pauses=pauses))
    cars = tuple(
        _passing(size, y, rightwards, start) for y, rightwards, start in ((0.53, False, 1.0), (0.67, True, 6.5))
    )
    return Scene(
        size=size,
        duration=16.0,
        background=street(),
        view=across(size),
        sun=Sun(fall=(0.6, -0.2)),
        objects=(*people, *cars),
        occluders=(pillar(0.235, 0.022, -0.2, 0.79), _bin()),
        disturbances=(Drift(depth=0.03), Foliage(box=(0.7, 0.5, 0.98, 1.08), amplitude=1.6, cover=0.55, base=0.99)),
        seed=seed,
    )


def highway_scene(size: Size, seed: int) -> Scene:
    """Vehicles on a road that leads away from the camera, some overtaking, beside swaying trees."""
    rng = np.random.default_rng([seed, 8])
    vehicles = []
    for number in range(12):
        lane = (0.36, 0.52, 0.68)[int(rng.integers(3))]
        build = ("car", "car", "car", "van", "lorry")[int(rng.integers(5))]
        nearing = lane < 0.5
        vehicles.append(highway_vehicle(size, lane, nearing, -3.0 + 1.6 * number, float(rng.uniform(3.2, 5.0)), build))
    trees = Foliage(box=(0.0, 0.0, 0.34, 0.42), amplitude=2.2, cover=0.72, base=None)
    return Scene(
        size=size,
        duration=15.0,
        background=highway(),
        view=Perspective(horizon=-0.02 * size[1], reference=size[1]),
        sun=Sun(fall=(-0.5, 0.12), strength=0.5),
        objects=tuple(vehicles),
        disturbances=(trees, Drift(depth=0.03)),
        seed=seed,
    )


def aquarium(size: Size, seed: int) -> Scene:
    """Fish seen from above in a lit tank, winding, meeting, bending."""
    rng = np.random.default_rng([seed, 9])
    width, height = size
    inside = (0.06 * width, 0.08 * height, 0.94 * width, 0.92 * height)
    fish = []
    for _ in range(9):
        length = float(rng.uniform(0.1, 0.16)) * height
        path = wander(rng, inside, speed=1.7 * length, start=0.0, duration=16.0)
        fish.append(Actor(shape=Animal(length=length), path=path))
    rim = Region("concrete", box(-0.1, -0.1, 1.1, 1.1), 0.55)
    return Scene(
        size=size,
        duration=15.0,
        background=Background((rim, Region("tank", box(0.02, 0.03, 0.98, 0.97)))),
        sun=Sun(fall=(0.7, 0.7), strength=0.3),
        objects=tuple(fish),
        disturbances=(Drift(depth=0.02, period=8.0),),
        seed=seed,
    )


def grazing(size: Size, seed: int) -> Scene:
    """Animals on grass, seen from above, that stand for most of the time: each walks some lengths, once or twice."""
    rng = np.random.default_rng([seed, 11])
    width, height = size
    herd = []
    for number in range(6):
        length, column, row = 0.11 * height, (0.2 + 0.3 * (number % 3)) * width, (0.3 + 0.4 * (number // 3)) * height
        x, y = column + rng.uniform(-0.05, 0.05) * width, row + rng.uniform(-0.05, 0.05) * height
        waypoints, time = [(-1.0, x, y)], 0.0
        for _ in range(1 + number % 2):
            time += float(rng.uniform(2.0, 9.0))
            waypoints.append((time, x, y))
            heading = rng.uniform(-np.pi, np.pi)
            x, y, time = x + 2.2 * length * np.cos(heading), y + 1.2 * length * np.sin(heading), time + 2.0
            waypoints.append((time, float(x), float(y)))
        coat = ((46, 44, 42), (196, 204, 210))[number % 2]
        path = Path((*waypoints, (30.0, float(x), float(y))))
        herd.append(Actor(shape=Animal(length=length, kind="mouse", coat=coat), path=path))
    ground = Background((Region("grass"),))
    return Scene(size=size, frame_rate=12.5, duration=20.0, background=ground, objects=tuple(herd), seed=seed)


def insects(size: Size, seed: int) -> Scene:
    """Small insects on a pale ground, filmed at 60 Hz."""
    rng = np.random.default_rng([seed, 10])
    width, height = size
    inside = (0.02 * width, 0.02 * height, 0.98 * width, 0.98 * height)
    swarm = tuple(
        Actor(
            shape=Insect(length=0.04 * height), path=wander(rng, inside, speed=0.35 * height, start=0.0, duration=9.0)
        )
        for _ in range(12)
    )
    ground = Background((Region("concrete", shade=1.15),))
    return Scene(size=size, frame_rate=60.0, duration=8.0, background=ground, objects=swarm, seed=seed)


def endless(size: Size, seed: int) -> Scene:
    """People come and go for ever: an infinite stream for soak tests."""
    people = tuple(
        walker(size, ((side, y), (1 - side, y + 0.02)), start=4.8 * number, pace=0.9, repeat=24.0)
        for number, (side, y) in enumerate(((-0.06, 0.8), (1.06, 0.6), (-0.06, 0.5), (1.06, 0.95), (-0.06, 0.7)))
    )
    return _on_the_plaza(size, seed, people, None)


def slow_camera(size: Size, seed: int) -> Scene:
    """People filmed at 2 Hz: between frames they move by more than their width."""
    people = (
        walker(size, ((-0.06, 0.8), (1.06, 0.82)), pace=0.7),
        walker(size, ((1.06, 0.5), (-0.06, 0.52)), start=2.0, pace=0.7),
        walker(size, ((-0.06, 0.6), (0.5, 0.62), (1.06, 0.6)), start=8.0, pace=0.7, pauses=((1, 6.0),)),
    )
    scene = _on_the_plaza(size, seed, people, 30.0)
    return Scene(
        size=size, frame_rate=2.0, duration=30.0, background=scene.background, view=scene.view, sun=scene.sun,
        objects=people, camera=Camera(jpeg=80), seed=seed,
    )  # fmt: skip


def highway_vehicle(
    size: Size, lane: float, nearing: bool, start: float, duration: float, build: str = "car", lit: bool = False
) -> Actor:
    """Return a vehicle in the lane that meets the frame's foot at share `lane`, at constant speed on the ground."""
    width, height = size
    far, near = 0.12, 1.5
    waypoints = []
    for step in np.linspace(0, 1, 24):
        share = step if nearing else 1 - step
        y = 1 / (1 / (far + 0.02) + share * (1 / (near + 0.02) - 1 / (far + 0.02))) - 0.02
        waypoints.append((start + duration * float(step), lane_x(lane, y) * width, y * height))
    scale = {"car": 0.3, "van": 0.32, "lorry": 0.38}[build]
    shape = Vehicle(size=scale * height, view="end", build=build)  # type: ignore[arg-type]
    return Actor(shape=shape, path=Path(tuple(waypoints)), headlights=lit)


def _passing(size: Size, y: float, rightwards: bool, start: float) -> Actor:
    width, height = size
    ends = (-0.25, 1.25) if rightwards else (1.25, -0.25)
    path = walk([(end * width, y * height) for end in ends], speed=0.9 * height, start=start, view=across(size))
    return Actor(shape=Vehicle(size=0.62 * height), path=path)


def _bin() -> Occluder:
    return Occluder(region=Region("concrete", box(0.52, 0.24, 0.56, 0.345), 0.5), base=0.34)


def _on_the_plaza(
    size: Size,
    seed: int,
    people: tuple[Actor, ...],
    duration: float | None,
    occluders: tuple[Occluder, ...] = (),
    disturbances: tuple[Foliage, ...] = (),
) -> Scene:
    return Scene(
        size=size,
        duration=duration,
        background=plaza(),
        view=across(size),
        sun=Sun(),
        objects=people,
        occluders=occluders,
        disturbances=disturbances,
        seed=seed,
    )


SCENES: dict[str, Callable[[Size, int], Scene]] = {
    "crossing": crossing,
    "turn_back": turn_back,
    "walk_together": walk_together,
    "stop_and_go": stop_and_go,
    "stopped_minute": stopped_minute,
    "occlusion": occlusion,
    "ghost": ghost,
    "street": street_scene,
    "highway": highway_scene,
    "aquarium": aquarium,
    "grazing": grazing,
    "insects": insects,
    "slow_camera": slow_camera,
    "endless": endless,
}
