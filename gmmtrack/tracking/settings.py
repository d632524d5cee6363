"""TrackingSettings: how objects move, and when a track is believed, carried on and given up."""

from dataclasses import dataclass

from gmmtrack.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings(Settings):
    """How objects move, and when a track is believed. A *size* is the root of a track's own box area."""

    motion: str = setting(
        "constant_velocity",
        "how objects move; imm: straight on or in turns, whichever fits, in far more time",
        choices=("constant_velocity", "imm"),
    )
    position_sigma: float = setting(0.05, "error of a detected centre", unit="sizes", above=0)
    extent_sigma: float = setting(0.1, "error of a detected width or height", unit="sizes", above=0)
    weak_error: float = setting(
        0.25, "growth of these errors for each unit of log-odds that a score lacks to 0.99", at_least=0
    )
    acceleration: float = setting(0.7, "change of velocity within a second, usually", unit="sizes/s²", above=0)
    extent_drift: float = setting(0.26, "change of width or height within a second, usually", unit="sizes", above=0)
    birth_speed: float = setting(3.5, "speed of a new track, usually", unit="sizes/s", above=0)
    gate: float = setting(
        4.6, "a detection that costs a track more than this, squared, is not its own", unit="sigma", above=0
    )
    doubt_weight: float = setting(
        1.75, "cost of an uncertain place, for each unit of its log-likelihood", unit="sigma²", at_least=0
    )
    extent_weight: float = setting(0.5, "worth of a difference in extent against squared distance", at_least=0)
    overlap_weight: float = setting(
        9.0, "worth of full overlap of boxes against squared distance", unit="sigma²", at_least=0
    )
    unseen_cost: float = setting(4.0, "cost of each second that a track was not seen", unit="sigma²/s", at_least=0)
    score_weight: float = setting(
        1.4, "cost of each unit of log-odds that a score lacks to 0.99", unit="sigma²", at_least=0
    )
    id_worth: float = setting(9.0, "how much tracks with an id come before those without", unit="sigma²", at_least=0)
    duplicate: float = setting(
        0.53, "a given box is not taken for another object if so much of it lies on one that was taken", at_least=0
    )
    color_weight: float = setting(20.0, "worth of a full difference of colours against squared distance", at_least=0)
    confirm_detections: int = setting(
        2, "a track is believed once it was detected so often; 1: whatever its score", at_least=1, at_most=1000
    )
    birth_odds: float = setting(-3.7, "log-odds that something is an object, before it is detected")
    repeat_odds: float = setting(0.3, "log-odds that each detection adds to those of its score")
    miss_odds: float = setting(1.0, "log-odds that each update without a detection takes away", at_least=0)
    blob_score: float = setting(0.79, "a blob is worth as much as a detection of this score", above=0, at_most=1)
    confirm_odds: float = setting(2.35, "a track is believed once its log-odds are so high")
    confirm_travel: float = setting(
        0.3, "a track is believed once it was so far from where it began", unit="sizes", at_least=0
    )
    reach: float = setting(1.5, "an unlikely blob is still taken within this distance", unit="sizes", at_least=0)
    report_sigma: float = setting(
        0.05, "an unseen track is reported while its place is known so well", unit="sizes", at_least=0
    )
    tentative_coast: float = setting(
        0.1, "a track not yet believed is given up when unseen for longer", unit="s", at_least=0
    )
    steady: float = setting(0.5, "a track shares a blob once it was alone in one for so long", unit="s", at_least=0)
    coast: float = setting(4.0, "a track is given up when unseen for longer", unit="s", at_least=0)
    coast_sigma: float = setting(
        3.5, "an unseen track is given up when its place is less certain", unit="sizes", above=0
    )
    stationary_speed: float = setting(0.1, "a track slower than this stands still", unit="sizes/s", at_least=0)
    shape_memory: float = setting(
        0.9, "what a track keeps of its remembered shape at each detection", at_least=0, at_most=1
    )
    turn: float = setting(
        0.15, "bodies turn whose elongation is less by this in the mean over the ways they lie", at_least=0, at_most=1
    )
