"""Rendered scenes with exact truth: declare a `Scene` or take one by name, and iterate over its `frames()`."""

from gmmtrack.scenes.actor import Actor, Occluder, pillar
from gmmtrack.scenes.animal import Animal, Insect
from gmmtrack.scenes.background import Background, Marking, Region
from gmmtrack.scenes.bundled import bundled_clips, render_bundled
from gmmtrack.scenes.camera import Camera
from gmmtrack.scenes.foliage import Foliage, Ripples
from gmmtrack.scenes.light import Clouds, Drift, Flicker, Level, Night
from gmmtrack.scenes.merges import merges
from gmmtrack.scenes.named import SCENES, scene
from gmmtrack.scenes.path import Path, stand, walk, wander
from gmmtrack.scenes.person import Person
from gmmtrack.scenes.scene import Scene, Sun, TrueFrame
from gmmtrack.scenes.shake import Shake
from gmmtrack.scenes.vehicle import Vehicle
from gmmtrack.scenes.view import Above, Perspective
from gmmtrack.scenes.weather import Rain, Snow
from gmmtrack.scenes.writing import mot_lines, write_clip

__all__ = [
    "SCENES",
    "Above",
    "Actor",
    "Animal",
    "Background",
    "Camera",
    "Clouds",
    "Drift",
    "Flicker",
    "Foliage",
    "Insect",
    "Level",
    "Marking",
    "Night",
    "Occluder",
    "Path",
    "Person",
    "Perspective",
    "Rain",
    "Region",
    "Ripples",
    "Scene",
    "Shake",
    "Snow",
    "Sun",
    "TrueFrame",
    "Vehicle",
    "bundled_clips",
    "merges",
    "mot_lines",
    "pillar",
    "render_bundled",
    "scene",
    "stand",
    "walk",
    "wander",
    "write_clip",
]
