"""Colours: one for each track id, distinct also to the colour-blind."""

Color = tuple[int, int, int]  # blue, green, red [0-255]

DARK: Color = (24, 24, 24)
LIGHT: Color = (255, 255, 255)

# The hues of Okabe and Ito, "Color universal design" (2008), without black; the blue is lightened to show on dark
# scenes. Neighbours differ in hue and brightness, for ids that are close in number often meet.
_HUES: tuple[Color, ...] = (
    (0, 159, 230),  # orange
    (233, 180, 86),  # sky blue
    (66, 228, 240),  # yellow
    (115, 158, 0),  # bluish green
    (167, 121, 204),  # reddish purple
    (214, 130, 30),  # blue
    (20, 100, 225),  # vermilion
)


def color_of(track: int) -> Color:
    """Return the colour of a track id, always the same one; the hues come again tinted, then from the start."""
    hue = _HUES[track % len(_HUES)]
    if (track // len(_HUES)) % 2 == 0:
        return hue
    blue, green, red = ((level + 255) // 2 for level in hue)
    return blue, green, red


def ink_on(color: Color) -> Color:
    """Return what to write with on a background of `color`: dark or light, whichever is easier to read."""
    blue, green, red = color
    brightness = 0.114 * blue + 0.587 * green + 0.299 * red
    return DARK if brightness > 110 else LIGHT
