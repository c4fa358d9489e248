"""The whole course, as organisers sign it off before the start.

`REWRITE=1 .venv/bin/python -m pytest tests/bot/test_rehearsal.py` writes the transcript anew.
"""

import asyncio
import os
import re
import tomllib
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from click.testing import CliRunner

import bot
import schedules
from bot import comparing
from bot.rehearsal import Said, printed, rehearse
from bot.rehearsing import verb
from storage.course_files.course_file import Faulty

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
TRANSCRIPT = Path(__file__).parents[1] / "transcripts" / "lehrgang.md"
HEAD = """# Der ganze Lehrgang

Alles, was der Bot im Beispielkurs von sich aus sagt: `kursbot rehearse bot/sample_course.toml`

```text
"""
CROWDED = 7
"""Posts in the week in which the poll opens; in all others at most six (product D)."""


@pytest.fixture(scope="module")
def posts():
    return asyncio.run(rehearse(SAMPLE.read_bytes(), schedules.discover()))


def test_the_whole_course_reads_as_signed_off(posts):
    text = HEAD + "\n".join(printed(posts)) + "\n```\n"
    if os.environ.get("REWRITE"):
        TRANSCRIPT.write_text(text)
    assert text == TRANSCRIPT.read_text()


def test_every_post_fits_a_phone_and_survives_markdown(posts):
    for said in posts:
        assert len(said.text) <= 600
        assert said.text.count("\n") < 12
        assert not re.search(r"(?m)^\d+\.", said.text)


def test_nobody_is_addressed(posts):
    prompts = [meeting.get("impuls", "") for meeting in tomllib.loads(SAMPLE.read_text())["termin"]]
    for said in posts:
        own = said.text
        for prompt in filter(None, prompts):
            own = own.replace(prompt, "")
        assert not re.search(r"\b(du|dich|dir|dein\w*|euch|eue?r\w*|Sie|Ihnen|Ihr\w*)\b", own)


def test_weeks_are_not_crowded(posts):
    loud = [said for said in posts if said.place not in ("orga", "direct") and "[" not in said.text]
    weeks = Counter(f"{said.at:%G-W%V}" for said in loud)
    assert weeks.pop("2026-W49") <= CROWDED - 1
    assert max(weeks.values()) <= 6


def test_nights_weekends_and_the_break_are_silent(posts):
    for said in posts:
        assert said.at.weekday() < 5
        assert time(7, 30) <= said.at.time() < time(18)
        assert not "2026-12-21" <= f"{said.at:%Y-%m-%d}" <= "2027-01-08"


async def test_mistakes_are_named_instead():
    with pytest.raises(Faulty):
        await rehearse(b"[kurs]\n", schedules.discover())


def test_the_command_prints_it(tmp_path):
    result = CliRunner().invoke(verb, [str(SAMPLE)])
    assert result.exit_code == 0
    assert result.output.startswith("Mo 12.10.2026 09:00  Orga  leise\n    Beigetreten: 0 von 16.")
    assert "\nMo 02.11.2026 07:30  Ankündigungen  Push\n    Heute, Mo 02.11." in result.output
    broken = tmp_path / "kurs.toml"
    broken.write_text("[kurs]\n")
    result = CliRunner().invoke(verb, [str(broken)])
    assert result.exit_code == 1
    assert "kurs.toml hat Fehler:\n- " in result.output


# ------------------------------------------------------------------ spring, with its clock change


def spring():
    """The sample course on the dates of its second calendar; what had dates of its own is out."""
    text = SAMPLE.read_text()
    days = tomllib.loads(text)["testkalender_fruehjahr"]
    keys = ["a1", "a2", *(f"w{number}" for number in range(1, 11)), "z1", "z2"]
    dates = [*days["auftakt"], *days["webinare"], *days["abschluss"]]
    for key, day in zip(keys, dates, strict=True):
        text = re.sub(rf'(id = "{key}"\n(?:(?!\[).*\n)*?datum = )\S+', rf"\g<1>{day}", text)
    pause = days["pausen"][0]
    text = text.replace("beginn = 2026-11-02", f"beginn = {dates[0]}")
    text = text.replace("ende = 2027-02-09", f"ende = {dates[-1]}")
    text = text.replace("von = 2026-12-21", f"von = {pause['von']}")
    text = text.replace("bis = 2027-01-08", f"bis = {pause['bis']}")
    text = re.sub(r"(?m)^(aufgabe|aufgabe_bis|abgabe|referent_bestaetigt_bis) = .*\n", "", text)
    text = re.sub(r"(?m)^offen_ab = \S+", "offen_ab = 2027-03-29T09:00:00", text)
    text = re.sub(r"(?m)^schluss = \S+", "schluss = 2027-04-09T12:00:00", text)
    return re.sub(r"(?m)^erinnerung_an_nichtwaehler = .*\n", "", text).encode()


async def test_ten_o_clock_stays_ten_o_clock_in_spring():
    posts = await rehearse(spring(), schedules.discover())
    starts = [said for said in posts if said.text.startswith("Gleich geht es los, 10:00")]
    assert [said.at.astimezone(UTC).hour for said in starts] == [8, 8, *[7] * 8]
    assert {said.at.time() for said in starts} == {time(9, 45)}


async def test_in_the_easter_break_only_the_poll_speaks_for_it_was_set_there():
    posts = await rehearse(spring(), schedules.discover())
    inside = [said for said in posts if "2027-03-26" <= f"{said.at:%Y-%m-%d}" <= "2027-04-02"]
    assert [f"{said.at:%d.%m. %H:%M}" for said in inside] == ["29.03. 09:00", "29.03. 09:00"]
    assert inside[0].text.startswith("Abstimmung: ")


def test_the_summary_counts_what_participants_get():
    def said(day, place, push):
        return Said(datetime(2026, 11, day, 9, tzinfo=UTC), place, push, "Text")

    posts = [said(23, "austausch", True), said(25, "orga", True), said(30, "austausch", False)]
    assert [*printed(posts)][-1] == (
        "3 Beiträge, davon 2 mit Push; in Ankündigungen und Austausch höchstens 1 in einer Woche."
    )


# ------------------------------------------------------------------ before and after a move

MOVED = TRANSCRIPT.with_name("verschoben.md")
MOVED_HEAD = """# Webinar 4 verschoben

Was sich im Beispielkurs ändert, wenn Webinar 4 am Do 03.12. statt am Mi 02.12. stattfindet:
`kursbot rehearse kurs.toml --against verschoben.toml`

```text
"""


def move(text):
    return text.replace("datum = 2026-12-02", "datum = 2026-12-03")


def test_a_move_is_shown_as_what_vanishes_comes_and_changes(posts):
    after = asyncio.run(rehearse(move(SAMPLE.read_text()).encode(), schedules.discover()))
    text = MOVED_HEAD + "\n".join(comparing.printed(posts, after)) + "\n```\n"
    if os.environ.get("REWRITE"):
        MOVED.write_text(text)
    assert text == MOVED.read_text()


def test_the_command_compares_two_files(tmp_path):
    first, second = tmp_path / "kurs.toml", tmp_path / "verschoben.toml"
    text = "[[regel]]".join(SAMPLE.read_text().split("[[regel]]")[:3])  # two rules are enough
    first.write_text(text)
    second.write_text(move(text))
    result = CliRunner().invoke(verb, [str(first), "--against", str(second)])
    assert result.exit_code == 0
    assert result.output.startswith(
        "anders    Mi 02.12.2026 14:00  Ankündigungen  Push\n    bisher:"
    )
    assert (
        CliRunner()
        .invoke(verb, [str(first), "--against", str(first)])
        .output.startswith("0 Beiträge weniger, 0 Beiträge mehr, 0 Beiträge anders;")
    )
    second.write_text("[kurs]\n")
    result = CliRunner().invoke(verb, [str(first), "--against", str(second)])
    assert (result.exit_code, "verschoben.toml hat Fehler" in result.output) == (1, True)


def test_what_vanishes_and_comes_is_counted():
    def said(day, text, about):
        at = datetime(2026, 11, day, 9, tzinfo=UTC)
        return Said(at, "austausch", True, text, about)

    both = [said(2, "Gleich", "a"), said(2, "Gleich", "a")]
    before = [*both, said(3, "Alt", "b"), said(4, "Eins\nZwei", "c")]
    after = [*both, said(5, "Eins\nDrei", "c"), said(6, "Frisch", "d")]
    assert [*comparing.printed(before, after)] == [
        "entfällt  Di 03.11.2026 09:00  Austausch  Push\n    Alt\n",
        "anders    Do 05.11.2026 09:00  Austausch  Push\n"
        "    bisher: Mi 04.11.2026 09:00  Austausch  Push\n    – Zwei\n    + Drei\n",
        "neu       Fr 06.11.2026 09:00  Austausch  Push\n    Frisch\n",
        "1 Beitrag weniger, 1 Beitrag mehr, 1 Beitrag anders; 2 Beiträge wie bisher.",
    ]
