"""Ready-made scenes about what disturbs: foliage, water, light, noise, weather, a shaking camera, night."""

from collections.abc import Callable

from gmmtrack.scenes.actor import Actor
from gmmtrack.scenes.background import Background, Region
from gmmtrack.scenes.camera import Camera
from gmmtrack.scenes.disturbance import Disturbance
from gmmtrack.scenes.foliage import Foliage, Ripples
from gmmtrack.scenes.light import Clouds, Drift, Flicker, Level, Night
from gmmtrack.scenes.named_plain import Size, highway_vehicle, walker
from gmmtrack.scenes.places import across, box, highway, plaza, pond, room, street
from gmmtrack.scenes.scene import Scene, Sun
from gmmtrack.scenes.shake import Shake
from gmmtrack.scenes.view import Perspective
from gmmtrack.scenes.weather import Rain, Snow


def foliage(size: Size, seed: int) -> Scene:
    """People walk before and behind heavily swaying leaves that fill half of the frame; one stops."""
    reach = size[1] / 32
    leaves = (
        Foliage(box=(-0.05, -0.05, 1.05, 0.62), amplitude=reach, period=1.0, glint=0.4, cover=0.85),
        Foliage(box=(0.62, 0.5, 1.05, 1.05), amplitude=0.7 * reach, glint=0.4, cover=0.5, base=0.88),
    )
    people = (
        walker(size, ((-0.06, 0.8), (0.4, 0.82), (1.06, 0.8)), pauses=((1, 4.0),)),
        walker(size, ((1.06, 0.95), (-0.06, 0.93)), start=3.0),
        walker(size, ((1.06, 0.6), (-0.06, 0.62)), start=1.0),
    )
    ground = Background((Region("grass"), Region("gravel", ((-0.1, 0.66), (1.1, 0.7), (1.1, 0.9), (-0.1, 0.92)))))
    return _scene(size, seed, people, leaves, background=ground, duration=15.0)


def water(size: Size, seed: int) -> Scene:
    """People walk along a rippling pond."""
    ripples = (Ripples(box=(-0.05, 0.13, 1.05, 0.55)),)
    people = (*_passers(size), walker(size, ((0.1, 0.62), (0.9, 0.6)), start=1.0))
    return _scene(size, seed, people, ripples, background=pond())


def flicker(size: Size, seed: int) -> Scene:
    """People in a room whose lamps flicker."""
    return _scene(size, seed, _passers(size), (Flicker(depth=0.06),), background=room(), sun=None)


def lights_on(size: Size, seed: int) -> Scene:
    """The light in a room is switched on after 4 seconds, and off again after 8."""
    switch = Level(levels=((4.0, 0.45), (4.08, 1.1), (8.0, 1.1), (8.08, 0.45)))
    return _scene(size, seed, _passers(size), (switch,), background=room(), sun=None, duration=12.0)


def dusk(size: Size, seed: int) -> Scene:
    """Daylight fades to a fifth within 30 seconds, while clouds pass."""
    people = (*_passers(size), *_passers(size, start=12.0), *_passers(size, start=22.0))
    fading = (Level(levels=((0.0, 1.0), (30.0, 0.2))), Clouds(depth=0.15))
    return _scene(size, seed, people, fading, duration=30.0)


def clouds(size: Size, seed: int) -> Scene:
    """Shadows of clouds cross the square."""
    return _scene(size, seed, _passers(size), (Clouds(depth=0.35, speed=70.0), Drift(depth=0.05, period=6.0)))


def noise(size: Size, seed: int) -> Scene:
    """A poor sensor and strong compression."""
    return _scene(size, seed, _passers(size), (), camera=Camera(read_noise=9.0, shot_noise=0.6, jpeg=45))


def thermal(size: Size, seed: int) -> Scene:
    """A thermal camera: (H, W) uint16, warm bodies on cool ground."""
    drift = (Drift(depth=0.01, period=10.0),)
    camera = Camera(kind="thermal", read_noise=2.5, shot_noise=0.0)
    return _scene(size, seed, _passers(size), drift, camera=camera, sun=None)


def night(size: Size, seed: int) -> Scene:
    """Vehicles with headlights on a dark road, a noisy camera."""
    lamps = ((0.2, 0.28, 0.12), (0.82, 0.3, 0.13))
    vehicles = tuple(
        highway_vehicle(size, lane, lane < 0.5, start, 5.0, lit=True)
        for lane, start in ((0.36, -1.0), (0.68, 0.0), (0.36, 1.0), (0.52, 4.0), (0.36, 6.0), (0.68, 7.0))
    )
    return Scene(
        size=size,
        duration=12.0,
        background=highway(),
        view=Perspective(horizon=-0.02 * size[1], reference=size[1]),
        objects=vehicles,
        disturbances=(Night(ambient=0.14, lamps=lamps),),
        camera=Camera(read_noise=3.0, shot_noise=0.1),
        seed=seed,
    )


def snow(size: Size, seed: int) -> Scene:
    """Snow falls on a white square."""
    ground = Background((Region("snowfield"), Region("brick", box(-0.1, -0.1, 1.1, 0.2), 0.8)))
    return _scene(size, seed, _passers(size), (Snow(),), background=ground, sun=None)


def rain(size: Size, seed: int) -> Scene:
    """Rain falls in streaks."""
    return _scene(size, seed, _passers(size), (Rain(), Drift(depth=0.03)), sun=None)


def shake(size: Size, seed: int) -> Scene:
    """A camera that shakes in the wind by several pixels."""
    return _scene(size, seed, _passers(size), (Shake(amplitude=size[1] / 40, period=0.4),), background=street())


def _passers(size: Size, start: float = 0.0) -> tuple[Actor, ...]:
    """Return two who cross in front and one who stops farther back."""
    return (
        walker(size, ((-0.06, 0.82), (1.06, 0.84)), start=start),
        walker(size, ((1.06, 0.95), (-0.06, 0.92)), start=start + 2.0),
        walker(size, ((1.06, 0.62), (0.6, 0.64), (-0.06, 0.62)), start=start, pauses=((1, 1.5),)),
    )


def _scene(
    size: Size,
    seed: int,
    people: tuple[Actor, ...],
    disturbances: tuple[Disturbance, ...],
    *,
    background: Background | None = None,
    sun: Sun | None = Sun(),  # noqa: B008 - frozen
    camera: Camera = Camera(),  # noqa: B008 - frozen
    duration: float = 10.0,
) -> Scene:
    return Scene(
        size=size,
        duration=duration,
        background=background or plaza(),
        view=across(size),
        sun=sun,
        disturbances=disturbances,
        objects=people,
        camera=camera,
        seed=seed,
    )


SCENES: dict[str, Callable[[Size, int], Scene]] = {
    "foliage": foliage,
    "water": water,
    "flicker": flicker,
    "lights_on": lights_on,
    "dusk": dusk,
    "clouds": clouds,
    "noise": noise,
    "thermal": thermal,
    "night": night,
    "snow": snow,
    "rain": rain,
    "shake": shake,
}
