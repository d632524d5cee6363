"""BackgroundSettings and the presets."""

from dataclasses import dataclass, replace
from typing import Any

from gmmtrack.errors import ArgumentError
from gmmtrack.settings import Settings, check_names, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundSettings(Settings):
    """How fast the background is learned, and what counts as foreground. The defaults are the `robust` preset."""

    history: float = setting(40.0, "time constant of the weights", unit="s", above=0)
    n_components: int = setting(5, "Gaussians a pixel, at most", at_least=1, at_most=16)
    gate: float = setting(
        4.0, "a pixel farther than this from every background component is foreground", unit="sigma", above=0
    )
    match_gate: float = setting(
        4.0, "a pixel farther than this from a component does not teach it", unit="sigma", above=0
    )
    background_share: float = setting(
        0.9, "the heaviest components of this total weight are background", above=0, at_most=1
    )
    calm_share: float = setting(0.6, "the same for pixels that do not sway, if less", above=0, at_most=1)
    sway: float = setting(1.0, "what comes and goes faster than this sways, and is background", unit="s", above=0)
    initial_sigma: float = setting(15**0.5, "noise that a new component starts with", unit="levels", above=0)
    lowest_sigma: float = setting(2.0, "noise of a component, at least", unit="levels", above=0)
    highest_sigma: float = setting(75**0.5, "noise of a component, at most", unit="levels", above=0)
    prune: float = setting(0.05, "evidence that a component needs to stay (Zivkovic's c_T)", at_least=0, at_most=1)
    lull: float = setting(
        0.8, "calm pixels are learned once in this time, and between only compared", unit="s", at_least=0
    )
    level: float = setting(
        0.0, "one level in counts of the frames; 0: 1 if uint8, else 1/255 of the first frame's range", at_least=0
    )
    exposure: bool = setting(True, "take off changes of the light that all pixels share, and tell when all has changed")
    shake: bool = setting(True, "take off small movements of the camera")
    shadows: bool = setting(True, "label cast shadows 127 instead of 255")
    darkest_shadow: float = setting(0.5, "the least share of its light that a shaded pixel keeps", above=0, at_most=1)
    darkest_grey_shadow: float = setting(
        0.7, "the same in frames without colour, where a dark body looks like one too, if more", at_least=0, at_most=1
    )
    shadow_sigma: float = setting(5.5, "noise of a component in the test for shadows, at most", unit="levels", above=0)
    shadow_tint: float = setting(
        0.08, "how far a shadow's colour may be off, of its light: what falls into it comes from the sky", at_least=0
    )
    enclosed: float = setting(
        0.45, "a shadow with more than this share of its border on foreground is foreground", above=0, at_most=1
    )
    surrounded: float = setting(
        0.7,
        "foreground with more than this share of its border on shadow is one body with what lies between",
        above=0,
        at_most=1,
    )
    amid: float = setting(
        0.4,
        "shadows as dark as those of which more than this share lies amid foreground are foreground",
        at_least=0,
        at_most=1,
    )
    hold_shadows: bool = setting(True, "learn shadows beside foreground as slowly as what has travelled")
    unrest: bool = setting(True, "drop what is foreground time and again, but never travels")
    restless_share: float = setting(0.98, "the background share of pixels where that happens", above=0, at_most=1)
    rare: float = setting(0.06, "the least weight that makes a component background there", at_least=0, at_most=1)
    hold: float = setting(0.1, "how fast what has travelled is learned, of the usual rate", at_least=0, at_most=1)
    haste: float = setting(4.0, "how fast what was dropped is learned, of the usual rate", at_least=1)
    majority: bool = setting(True, "let each pixel side with the majority of its 5x5 neighbours")
    speck: float = setting(
        2e-5, "foreground blobs smaller than this share of the frame are dropped", at_least=0, at_most=1
    )
    hole: float = setting(2e-4, "holes smaller than this share of the frame are filled", at_least=0, at_most=1)
    hollow: float = setting(
        0.1, "holes smaller than this share of what is around them are filled", at_least=0, at_most=1
    )

    def __post_init__(self) -> None:
        # named outright: super() does not survive the class that slots=True makes anew
        Settings.__post_init__(self)
        if self.lowest_sigma > self.highest_sigma:
            raise ArgumentError(
                f"lowest_sigma must be <= highest_sigma, got {self.lowest_sigma!r} and {self.highest_sigma!r}"
            )

    @property
    def follows_unrest(self) -> bool:
        """Whether anything depends on what each pixel did before."""
        return self.unrest or self.calm_share < self.background_share

    @property
    def cleans_up(self) -> bool:
        """Whether a mask is more than what its pixels say one by one."""
        takes_back_shadows = min(self.enclosed, self.surrounded) < 1
        return self.majority or max(self.speck, self.hole, self.hollow) > 0 or takes_back_shadows or self.unrest


PRESETS = {
    "robust": BackgroundSettings(),
    "tracking": BackgroundSettings(amid=1.0, hold_shadows=False),  # the shade between two bodies keeps them apart
    "mog2": BackgroundSettings(
        history=20.0,
        match_gate=3.0,
        calm_share=0.9,
        lull=0.0,
        exposure=False,
        shake=False,
        darkest_grey_shadow=0.0,  # so that `darkest_shadow` holds, whatever it is
        shadow_sigma=75**0.5,
        shadow_tint=0.0,
        enclosed=1.0,
        surrounded=1.0,
        amid=1.0,
        hold_shadows=False,
        unrest=False,
        majority=False,
        speck=0.0,
        hole=0.0,
        hollow=0.0,
    ),
}


def preset_settings(preset: str, changes: dict[str, Any]) -> BackgroundSettings:
    """Return the settings of a preset with some of them changed."""
    if preset not in PRESETS:
        raise ArgumentError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    check_names(BackgroundSettings, changes, "background setting")
    return replace(PRESETS[preset], **changes)
