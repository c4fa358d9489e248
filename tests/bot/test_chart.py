"""The picture of a result: nothing runs out of it, and it says the same as the text."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import chart, drawing, markup
from storage.chart import Bar, Chart, of
from storage.tally import Tally

NAMES = {1: "Konflikt", 2: "Organisation", 3: "Verstetigung", 4: "Social Media"}
RESULT = Tally(14, 16, {1: 4, 2: 1, 3: 5, 4: 4})
QUESTION = "Welches Thema?"


def opened(drawn):
    image = Image.open(io.BytesIO(drawn.data))
    assert (image.format, image.size) == ("PNG", (drawn.width, drawn.height))
    return image.convert("RGB")


def test_bars_by_votes_and_what_is_decided():
    assert of(QUESTION, RESULT, NAMES, ["A", "B"]) == Chart(
        QUESTION,
        (
            Bar("3 – Verstetigung", 5, "Platz A"),
            Bar("1 – Konflikt", 4),
            Bar("4 – Social Media", 4),
            Bar("2 – Organisation", 1),
        ),
        "14 von 16 haben abgestimmt.",
    )


def test_marks_can_be_given():
    bars = of(QUESTION, RESULT, NAMES, ["A", "B"], {4: "Platz B"}).bars
    assert [bar.mark for bar in bars] == ["", "", "Platz B", ""]


def test_what_is_drawn_is_told_too():
    assert of(QUESTION, RESULT, NAMES, ["A", "B"]).description == (
        "Bild zum Ergebnis. 3 – Verstetigung: 5, Platz A; 1 – Konflikt: 4; "
        "4 – Social Media: 4; 2 – Organisation: 1. 14 von 16 haben abgestimmt."
    )
    long = Chart("?", tuple(Bar("x" * 300, n) for n in range(20)), "")
    assert len(long.description) == 600


def test_the_message_says_what_it_is_without_the_picture():
    drawn = chart.draw(of(QUESTION, RESULT, NAMES))
    assert markup.image(chart.NAME, "Bild", drawn, "c") == {
        "msgtype": "m.image",
        "body": "Bild",
        "filename": "ergebnis.png",
        "info": {
            "mimetype": "image/png",
            "size": len(drawn.data),
            "w": drawn.width,
            "h": drawn.height,
        },
        "m.mentions": {},
        "de.kursbot.cause": "c",
    }


def test_the_same_result_is_the_same_picture():
    first, second = (chart.draw(of(QUESTION, RESULT, NAMES, ["A"])) for _ in range(2))
    assert first == second
    assert len(first.data) < 40_000


labels = st.text(max_size=200) | st.text(alphabet="W ", max_size=200) | st.just("Ä" * 80)
bars = st.builds(Bar, labels, st.integers(0, 10_000), st.sampled_from(("", "Platz A")) | labels)


@settings(max_examples=15, deadline=None)
@given(labels, st.lists(bars, min_size=2, max_size=20), labels)
def test_nothing_reaches_into_the_margin(title, shown, note):
    image = opened(chart.draw(Chart(title, tuple(shown), note)))
    width, height = image.size
    margin = drawing.MARGIN
    ink = Image.eval(image.convert("L"), lambda value: 0 if value > 250 else 255).getbbox()
    assert ink is not None
    left, top, right, bottom = ink
    assert margin - 2 <= left
    assert right <= width - margin + 2
    assert margin - 2 <= top
    assert bottom <= height - margin


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("colour", "least"),
    [(drawing.INK, 7), (drawing.FAINT, 4.5), (drawing.WON, 4.5), (drawing.PLAIN, 3)],
)
def test_everything_stands_out_from_the_card(colour, least):
    assert contrast(colour, drawing.PAPER) >= least


def test_the_card_is_opaque_so_that_dark_clients_show_it_as_well():
    drawn = chart.draw(of(QUESTION, RESULT, NAMES))
    image = Image.open(io.BytesIO(drawn.data))
    assert "transparency" not in image.info
    assert min(opened(drawn).getpixel((3, 3))) > 250


def test_characters_without_a_letter_are_left_out():
    plain, colourful = (
        chart.draw(Chart("?", (Bar(label, 1), Bar("b", 2)), ""))
        for label in ("Mobil", "Mobil 📱\x07")
    )
    assert plain == colourful
