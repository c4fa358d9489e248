"""Play the conversations in tests/transcripts and expect the same answers, word for word.

A transcript is a Markdown file that the course team can read: what people write and when the clock
strikes is played, what the bot says is compared. `REWRITE=1` writes down what it says now.
"""

import os
import re
from datetime import datetime
from itertools import groupby
from pathlib import Path

import pytest

from storage import occurrences

FOLDER = Path(__file__).with_name("transcripts")
TRANSCRIPTS = sorted(path for path in FOLDER.glob("*.md") if "## Gespräch" in path.read_text())
CLOCK = re.compile(r"    (\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)")
SPOKEN = re.compile(r"    (?!Kursbot)([\w-]+) \(([\w-]+)\): (.*)")
PLACES = {
    "direkt": "direct",
    "Austausch": "austausch",
    "Ankündigungen": "ankuendigungen",
    "Orga": "orga",
}


async def passes(chat, until: str) -> int:
    """Let the time pass as it would for a bot that is never away; what was said on the way."""
    end = datetime.fromisoformat(until).replace(tzinfo=chat.course.zone)
    while True:
        async with chat.sessions() as db:
            due = await occurrences.next_due(db, chat.now)
        if due is None or due >= end:
            return len(chat.said)
        await chat.clock_strikes(due.astimezone(chat.course.zone).isoformat())


async def play(chat, line: str) -> None:
    if clock := CLOCK.fullmatch(line):
        await chat.clock_strikes(clock[1])
    elif spoken := SPOKEN.fullmatch(line):
        await chat.says(spoken[3], by=spoken[1], place=PLACES[spoken[2]])


def _where(chat, said, names: dict[str, str]) -> str:
    if said.room.startswith("@"):
        return f"direkt an {said.room[1:].partition(':')[0]}"
    return names["direct" if "direct" in said.room else chat.place_of(said)]


def heard(chat, since: int) -> list[str]:
    """What was said; what many are told, each alone, stands there once."""
    names = {place: name for name, place in PLACES.items()}
    lines = []
    for (_, body), alike in groupby(chat.said[since:], lambda s: (s.room[0] == "@", s.body)):
        said, *others = alike
        alone = said.room[0] == "@" and others
        place = f"direkt an {len(others) + 1} Personen" if alone else _where(chat, said, names)
        first, *rest = body.splitlines()
        lines += [f"    Kursbot ({place}): {first}", *(f"        {line}" for line in rest)]
    return lines


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_transcript(chat, path):
    expected = path.read_text()
    start = next(filter(None, map(CLOCK.fullmatch, expected.splitlines())))[1]
    await chat.loads(now=start)
    chat.at(start)
    played: list[str] = []
    for line in expected.splitlines():
        if line.startswith(("    Kursbot", "        ")):
            continue
        clock = CLOCK.fullmatch(line)
        since = await passes(chat, clock[1]) if clock else len(chat.said)
        await play(chat, line)
        played += [line, *heard(chat, since)]
    text = "\n".join(played) + "\n"
    if os.environ.get("REWRITE"):
        path.write_text(text)
    assert text == expected
