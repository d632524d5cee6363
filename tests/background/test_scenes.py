"""How well the model does on rendered scenes of known truth: floors, about 0.05 below what was measured."""

import pytest

from gmmtrack.background import BackgroundModel
from gmmtrack.scenes import scene

SIZE = (240, 136)
LARGER = {"clouds": (480, 272)}  # their speed is in pixels
BURN_IN = 2.0  # [s]


@pytest.fixture(scope="session")
def rendered():
    """A function that renders a scene by name, once a session, and returns its frames."""
    known = {}

    def frames(name):
        if name not in known:
            size = LARGER.get(name, SIZE)
            known[name] = list(scene(name, size=size).frames())
        return known[name]

    return frames


def f_measure(frames, **options):
    """Return the F-measure of the foreground after `BURN_IN`, shadows being background."""
    model, found, true, both = BackgroundModel(**options), 0, 0, 0
    for frame in frames:
        mask, truth = model.apply(frame.image, time=frame.time) == 255, frame.mask == 255
        if frame.time >= BURN_IN:
            found, true, both = found + mask.sum(), true + truth.sum(), both + (mask & truth).sum()
    return 2 * both / (found + true)


FLOORS = {
    "crossing": 0.83,
    "flicker": 0.81,
    "lights_on": 0.76,
    "clouds": 0.69,
    "dusk": 0.76,
    "noise": 0.76,
    "thermal": 0.83,
    "snow": 0.78,
    "rain": 0.82,
    "water": 0.78,
    "shake": 0.80,
    "slow_camera": 0.68,
    "foliage": 0.70,
    "ghost": 0.63,
    "stop_and_go": 0.80,
    "street": 0.76,
    "highway": 0.88,
    "night": 0.15,  # the beams of headlights on the road are still foreground
}


@pytest.mark.parametrize("name", FLOORS)
def test_the_model_is_as_good_as_it_was(rendered, name):
    assert f_measure(rendered(name)) > FLOORS[name]


@pytest.mark.parametrize(
    ("name", "without", "gain"),
    [("lights_on", "exposure", 0.4), ("flicker", "exposure", 0.02)],
)
def test_taking_off_the_light_pays(rendered, name, without, gain):
    assert f_measure(rendered(name)) > f_measure(rendered(name), **{without: False}) + gain
