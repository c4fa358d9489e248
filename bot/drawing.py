"""Pens for charts: dark on a white card, which every background leaves readable; pure."""

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot import reading
from storage.chart import Bar, Picture

FONT = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
"""Brought along: machines have different fonts, and many servers have none."""

WIDTH, MARGIN, GAP = 960, 48, 24
"""In pixels; a phone shows half of that side by side, so that 32 are an ordinary letter."""

PAPER, INK, FAINT = "#ffffff", "#1c1f24", "#5a6472"
TRACK, PLAIN, WON = "#e4e8ee", "#6f8299", "#0b5cad"
BAR, SPACE = 36, 30
COLOURS = 64
MOST_LINES, LONGEST = 2, 150
"""Lines of a text, and characters of it that are looked at."""


@dataclass
class Sheet:
    """Drawn from top to bottom; `y` is where the next thing goes."""

    y: int = MARGIN
    _image: Image.Image = field(default_factory=lambda: Image.new("RGB", (WIDTH, 4_000), PAPER))

    def __post_init__(self) -> None:
        self._pen = ImageDraw.Draw(self._image)

    def text(self, text: str, size: int, colour: str, width: int = WIDTH - 2 * MARGIN) -> None:
        """A text in so many lines as it takes, at most two."""
        font = _font(size)
        for line in _lines(text, font, width):
            self._pen.text((MARGIN, self.y), line, colour, font)
            self.y += size * 5 // 4

    def bar(self, bar: Bar, most: int) -> None:
        """The label with what it has won; below it the bar, and its number at the right edge."""
        right, font = WIDTH - MARGIN, _font(32)
        mark = _lines(bar.mark, font, WIDTH // 3)[0]
        used = font.getlength(mark)
        self._pen.text((right - used, self.y), mark, WON, font)
        self.text(bar.label, 32, INK, int(right - MARGIN - used - GAP))
        number = str(bar.votes)
        end = right - int(max(font.getlength(number), font.getlength("000"))) - GAP
        top, bottom = self.y + 8, self.y + 8 + BAR
        self._pen.rounded_rectangle((MARGIN, top, end, bottom), 6, TRACK)
        length = (end - MARGIN) * bar.votes // max(most, 1)
        if length:
            colour = WON if bar.mark else PLAIN
            self._pen.rounded_rectangle((MARGIN, top, MARGIN + length, bottom), 6, colour)
        self._pen.text((right - font.getlength(number), top), number, INK, font)
        self.y = bottom + SPACE

    def picture(self) -> Picture:
        """What was drawn, cut off below the last line."""
        height = self.y + MARGIN
        whole = self._image.crop((0, 0, WIDTH, height))
        small = whole.quantize(COLOURS, Image.Quantize.FASTOCTREE)
        file = io.BytesIO()
        small.save(file, "PNG", optimize=True)
        return Picture(file.getvalue(), WIDTH, height)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The text in at most two lines that fit; what does not fit there ends in an ellipsis."""
    words = _drawable(reading.clean(text)[:LONGEST], font).split()
    lines = [""]
    while words and len(lines) <= MOST_LINES:
        longer = f"{lines[-1]} {words[0]}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            del words[0]
        elif lines[-1] and len(lines) < MOST_LINES and font.getlength(words[0]) <= width:
            lines.append("")
        else:
            lines[-1] = _cut(longer, font, width)
            break
    return lines


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """As much of the beginning as fits, with an ellipsis."""
    while font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _drawable(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The characters that the font has; it draws all others, pictures above all, as a box."""
    box = bytes(font.getmask("\U0010ffff"))
    return "".join(c for c in text if c.isspace() or bytes(font.getmask(c)) != box)
