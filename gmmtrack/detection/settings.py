"""DetectionSettings: how foreground becomes objects."""

from dataclasses import dataclass

from gmmtrack.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings(Settings):
    """How foreground becomes objects. A share of the frame is a share of its area, a length one of the root of that."""

    smallest: float = setting(
        1.5e-4, "blobs smaller than this share of the frame are no objects; less in large frames", at_least=0, at_most=1
    )
    specks: float = setting(
        1.5, "where files show fewer a frame that are too small by up to a half, these are objects too", at_least=0
    )
    smallest_ratio: float = setting(
        0.5, "newcomers smaller than this share of the usual size at their place are none", at_least=0
    )
    join: float = setting(
        0.012, "gaps narrower than this share of the frame's length are closed", at_least=0, at_most=1
    )
    covers: float = setting(0.25, "a track claims a blob that covers this share of it", above=0, at_most=1)
    includes: float = setting(0.5, "a track claims a blob of which it includes this share", above=0, at_most=1)
    surplus: float = setting(
        1.0, "a track lost from a shared blob may claim one that has this share of its area too much", above=0
    )
    beside: float = setting(1.0, "such a blob is not farther away", unit="sizes", at_least=0)
    fragment: float = setting(
        0.15, "a part of a track with this share of its area is an object of its own", above=0, at_most=1
    )
    apart: float = setting(1.3, "parts farther apart than this are objects of their own", unit="extents", at_least=1)
    patience: float = setting(0.3, "parts that stay apart for longer are objects of their own", unit="s", at_least=0)
    support: float = setting(
        0.1, "a track in a shared blob is seen if it gets this share of its own area", above=0, at_most=1
    )
    evident: float = setting(
        0.05, "a track in a shared blob is seen if so much of its area lies in no other one's ellipse", at_least=0
    )
    any_color: float = setting(
        0.3,
        "share of a body that may have any colour, when colours share out a blob; 1: they do not",
        above=0,
        at_most=1,
    )
    birth: float = setting(
        0.4, "what a shared blob leaves over is new if it has this share of the tracks' area", above=0
    )
    clutter: float = setting(0.1, "pixels of a shared blob that may belong to nobody, at most", at_least=0, at_most=1)
    density: str = setting("flat", "profile of an object's pixels in EM", choices=("flat", "gaussian"))
    n_points: int = setting(
        600, "pixels of a shared blob are reduced to about so many cells", at_least=50, at_most=100000
    )
    n_iterations: int = setting(10, "EM steps a frame, at most", at_least=1, at_most=1000)
    tolerance: float = setting(0.05, "EM stops when no mean moves farther", unit="px", above=0)
