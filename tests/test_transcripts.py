"""Play the conversations in tests/transcripts and expect the same answers, word for word.

A transcript is a Markdown file that the course team can read: what people write and when the clock
strikes is played, what the bot says is compared. `REWRITE=1` writes down what it says now. Several
may say the same; who refers to a message quotes its beginning: `tn03 (Orga) zu „Frage von“: Ja.`
An emoji alone is then put to it, a text is a reply.
"""

import os
import re
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import pytest

from bot.incoming import Emoji, Message
from commands import Quoted
from storage import occurrences

FOLDER = Path(__file__).with_name("transcripts")
TRANSCRIPTS = sorted(path for path in FOLDER.glob("*.md") if "## Gespräch" in path.read_text())
CLOCK = re.compile(r"    (\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)")
SPOKEN = re.compile(r"    (?!Kursbot)([\w, -]+) \((\w+)\)(?: zu „([^“]+)“)?: (.*)")
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


async def play(chat, line: str, spoken: list[Message]) -> None:
    """Let the clock strike or people speak; what they say is added to what was spoken before."""
    if clock := CLOCK.fullmatch(line):
        await chat.clock_strikes(clock[1])
    elif found := SPOKEN.fullmatch(line):
        names, place, about, text = found.groups()
        for name in names.split(", "):
            message = chat.message(text, name, PLACES[place])
            await chat.hears(_related(chat, message, spoken, about) if about else message)
            spoken.append(message)


def _related(chat, message: Message, spoken: list[Message], about: str) -> Message | Emoji:
    """A reply or an emoji to the last message that begins like this."""
    quoted = next((m for m in reversed(spoken) if m.body.startswith(about)), None)
    posts = [number for number, said in enumerate(chat.said, 1) if said.body.startswith(about)]
    target = quoted.event_id if quoted else f"$sent{posts[-1]}"
    if any(map(str.isalnum, message.body)):
        return replace(message, answers=target)
    where = (message.event_id, message.room_id, message.sender, target)
    emoji = Emoji(*where, message.body, chat.now, chat.now, direct=message.direct)
    said = quoted and Quoted(target, quoted.sender, quoted.body, quoted.sent)
    return replace(emoji, quoted=said)


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
    spoken: list[Message] = []
    for line in expected.splitlines():
        if line.startswith(("    Kursbot", "        ")):
            continue
        clock = CLOCK.fullmatch(line)
        since = await passes(chat, clock[1]) if clock else len(chat.said)
        await play(chat, line, spoken)
        played += [line, *heard(chat, since)]
    text = "\n".join(played) + "\n"
    if os.environ.get("REWRITE"):
        path.write_text(text)
    assert text == expected
