"""Feedback in its window, numbers that could be a vote, and what organisers get to know."""

import pytest
from sqlalchemy import select

from storage.models import Feedback
from storage.replies import ORGA

THANKS = (
    "Danke, Rückmeldung zu Webinar 3 ist notiert: {}.\n"
    "Weitergabe ohne Namen und erst ab fünf Rückmeldungen.\n"
    "Ändern: einfach noch einmal schreiben."
)
NOT_NOW = (
    "Zurzeit ist keine Rückmeldung gefragt; nach dem nächsten Webinar wieder. "
    "Etwas anderes für die Lehrgangsleitung: !orga"
)
BOTH = (
    "Die 2 kann zweierlei heißen. Was ist gemeint?\n"
    "Stimme – für „Organisationsentwicklung“\n"
    "Rückmeldung – zum letzten Webinar\n"
    "Bitte mit dem Wort antworten."
)
VOTED = "Stimme gezählt: 2 – Organisationsentwicklung. Danke!"


@pytest.fixture
async def after(cohort):
    """A quarter of an hour after the third webinar; no poll is open."""
    cohort.at("2026-11-25 11:45")
    return cohort


async def kept(chat):
    async with chat.sessions() as db:
        rows = await db.scalars(select(Feedback).order_by(Feedback.id))
        return [(row.person, row.meeting, row.score, row.comment) for row in rows]


async def test_the_last_word_counts(after):
    assert await after.says("2") == THANKS.format("2")
    assert await after.says("4, zu schnell!") == THANKS.format("4, „zu schnell!“")
    assert await after.says("!bewertung drei") == THANKS.format("3")
    assert await after.says("1 – **super** @room") == THANKS.format("1, „super* @room“")
    assert await kept(after) == [("tn02", "w3", 1, "super* @room")]


@pytest.mark.parametrize("text", ["!feedback 0", "!feedback 6", "!feedback 2,5", "!feedback gut"])
async def test_what_is_not_on_the_scale_is_explained(after, text):
    assert await after.says(text) == (
        "Es fehlt eine Zahl von 1 bis 5 (1 = sehr hilfreich, 5 = gar nicht hilfreich), "
        "so: !feedback 2 gute Beispiele"
    )
    assert await kept(after) == []


async def test_not_in_a_room_and_not_from_organisers(after):
    assert await after.says("!feedback 2", place="austausch") == (
        "Das geht nur unter vier Augen: bitte direkt an mich, etwa !feedback 2 gute Beispiele"
    )
    assert await after.says("!feedback 2", by="leitung-ihk") == (
        "Rückmeldung geben die Teilnehmenden. Fragen: !orga"
    )
    assert await kept(after) == []


@pytest.mark.parametrize(
    ("now", "open_now"),
    [
        ("2026-11-25 11:29", False),
        ("2026-11-25 11:30", True),
        ("2026-11-27 11:59", True),
        ("2026-11-27 12:00", False),
    ],
)
async def test_the_window_is_from_the_end_until_friday_noon(cohort, now, open_now):
    cohort.at(now)
    assert await cohort.says("!feedback 2") == (THANKS.format("2") if open_now else NOT_NOW)


async def test_what_was_sent_in_time_counts_when_the_bot_was_away(cohort):
    cohort.at("2026-11-27 12:30")
    sent = cohort.now.replace(hour=11)
    await cohort.says("!feedback 2", sent=sent, backlog=True)
    assert [score for _, _, score, _ in await kept(cohort)] == [2]


async def test_where_a_number_could_be_a_vote_too_it_is_asked(cohort):
    cohort.at("2026-12-09 11:45")
    assert await cohort.says("2") == BOTH
    assert (await cohort.says("Stimme")).startswith(VOTED)
    assert await cohort.says("2") == BOTH
    assert "Webinar 5 ist notiert: 2" in await cohort.says("rückmeldung")
    assert "Webinar 5 ist notiert: 5" in await cohort.says("5")  # there are four topics
    assert "Webinar 5 ist notiert: 2, „mehr Übungen“" in await cohort.says("2 mehr Übungen")
    assert (await cohort.says("2 Organisationsentwicklung")).startswith(VOTED)
    assert (await cohort.says("!stimme 2")).startswith(VOTED)
    assert len(await kept(cohort)) == 1


async def test_what_was_asked_last_counts(cohort):
    await cohort.clock_strikes("2026-11-30 09:00")
    await cohort.clock_strikes("2026-12-09 13:00")  # the vote, in a direct message
    assert (await cohort.says("2")).startswith(VOTED)
    assert await cohort.says("2") == BOTH
    await cohort.says("!feedback")
    assert "Webinar 5 ist notiert: 2" in await cohort.says("2")


async def test_a_vote_that_waited_is_never_lost(cohort):
    cohort.at("2026-12-11 12:30")
    await cohort.says("2", sent=cohort.now.replace(hour=11), backlog=True)
    assert "1 von 16" in await cohort.says("!stand", by="leitung-ihk", place="orga")


async def test_times_and_units_are_no_feedback(after):
    for text in ("3.12. kann ich nicht", "2 Stunden zu spät", "2", "5 Fragen habe ich noch"):
        await after.says(text)
    assert [score for _, _, score, _ in await kept(after)] == [2]


async def test_organisers_see_sums_from_five_answers_up_and_no_order_or_names(after):
    said = ["2 Zebra", "1", "3 ameise", "2 Möwe", "5 Bär"]
    for number, text in enumerate(said[:4], 3):
        await after.says(text, by=f"tn{number:02}")
    assert "Rückmeldung zu" not in await after.clock_strikes("2026-11-27 11:59")
    await after.says(said[4], by="tn07")
    before = len(after.said)
    await after.clock_strikes("2026-11-27 12:00:01")
    posts = [said for said in after.said[before:] if after.place_of(said) == ORGA]
    assert [post.body for post in posts][-1:] == [
        "Rückmeldung zu Webinar 3 (Öffentlichkeitsarbeit): 5 Antworten\n"
        "Mittlerer Wert: 2 (1 = sehr hilfreich, 5 = gar nicht hilfreich)\n"
        "– „ameise“\n– „Bär“\n– „Möwe“\n– „Zebra“",
    ]


async def test_fewer_than_five_are_never_shown(after):
    for number in range(3, 7):
        await after.says("2 fein", by=f"tn{number:02}")
    assert "fein" not in await after.clock_strikes("2026-11-27 12:00:01")
