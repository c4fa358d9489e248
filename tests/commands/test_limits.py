"""Every answer fits a phone, whatever the organisers and the participants write."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

import commands
from commands import composed, page, quoted
from storage.models import Course, Group, Network, Person, Poll, Speaker, Topic

TIMES = (
    *("2026-10-20 12:00", "2026-11-02 10:00", "2026-11-24 15:00", "2026-11-25 10:05"),
    *("2026-12-02 10:00", "2026-12-11 12:30", "2026-12-22 10:00", "2027-03-01 10:00"),
)
LONG = "13. Sehr <langer> **Name** für *alles*, @room und noch viel mehr als nötig wäre, " * 4
ADDRESSING = re.compile(r"\b(Sie|Ihr|Ihre[mnrs]?|Ihnen|[Dd]u|[Dd]ein\w*|[Dd]ir|[Ee]uch|[Ee]uer)\b")


def check_form(text):
    assert len(text) <= 600
    assert len(text.splitlines()) <= 12
    assert not re.search(r"^\d+\.", text, re.M)
    assert "**" not in text
    assert not ADDRESSING.search(re.sub(r"Frage vorab:.*", "", text))


async def everything(chat):
    for name, command in commands.discover().items():
        if command.admin:
            continue
        for line in (f"!{name}", command.example, f"!{name} 3", f"!{name} alle"):
            before = len(chat.said)
            answer = await chat.says(line, by="tn05")
            for said in chat.said[before:]:
                check_form(said.body)
            assert "schiefgegangen" not in answer, line
            chat.now += timedelta(seconds=20)


@pytest.mark.parametrize("now", TIMES)
async def test_all_answers_at_all_times(cohort, now):
    cohort.at(now)
    await everything(cohort)


@pytest.mark.parametrize("now", TIMES[2:5])
async def test_very_long_names(cohort, change, now):
    await change(
        topic=LONG, task=LONG, prompt=LONG, note=LONG, folder="https://a.example/" + "x" * 90
    )
    await change(materials=[{"titel": LONG, "datei": "x." + "y" * 90}] * 12, phone=LONG, code=LONG)
    await change(Network, name=LONG, host_text=LONG, offers=[LONG] * 9, needs=[LONG] * 9)
    await change(Person, display=LONG)
    await change(Speaker, role=LONG)
    await change(Topic, title=LONG, short=LONG)
    await change(Poll, interim_visible=True)
    async with cohort.sessions.begin() as db:
        await db.execute(update(Group).values(topic=LONG))
        await db.execute(update(Course).values(title=LONG, proof=LONG, controller=LONG))
    cohort.at(now)
    await everything(cohort)


def test_a_long_reply_loses_the_ends_of_its_longest_lines():
    url = "https://example.org/" + "x" * 200
    text = composed("**" + "a" * 400 + "**", "b" * 300, None, "", url, "kurz")
    assert len(text) <= 600
    lines = text.splitlines()
    assert lines[2:] == [url, "kurz"]
    assert lines[0].endswith("…**")
    assert lines[1].endswith("…")


def test_a_date_at_the_start_of_a_line_is_no_list():
    assert composed("13. Januar", "**2. Webinar**", "13.01.") == (
        "– 13. Januar\n**– 2. Webinar**\n– 13.01."
    )


def test_pages_by_number_and_by_size():
    items = ["x" * 100] * 7
    assert page(items, 1, size=5, room=1_000) == (0, 5)
    assert page(items, 2, size=5, room=1_000) == (5, 7)
    assert page(items, 9, size=5, room=1_000) == (5, 7)
    assert page(items, 0, size=5, room=1_000) == (0, 5)
    assert page(items, 2, size=5, room=250) == (2, 4)
    assert page(items, 1, size=5, room=10) == (0, 1)
    assert page([], 1) == (0, 0)


def test_quoted_is_one_harmless_line():
    assert quoted("a\nb\t**c** \u202e\u0000d") == "a b *c* d"
    assert quoted("wort " * 30, 12) == "wort wort w…"
