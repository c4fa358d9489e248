"""The picture that goes with a result; pure."""

from typing import Final

from storage.chart import Chart, Picture

NAME: Final = "ergebnis.png"


def draw(chart: Chart) -> Picture:
    """The picture; the same chart is the same picture."""
    from bot.drawing import FAINT, GAP, INK, Sheet  # noqa: PLC0415 - 4 MiB for a picture a month

    sheet = Sheet()
    sheet.text(chart.title, 40, INK)
    sheet.y += GAP
    most = max((bar.votes for bar in chart.bars), default=0)
    for bar in chart.bars:
        sheet.bar(bar, most)
    sheet.text(chart.note, 28, FAINT)
    return sheet.picture()
