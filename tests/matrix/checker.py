"""The second opinion: what was due by what stands in the rooms, and what the bot said there.

Shares nothing with the bot but the words that people read.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.participant import POLL_RESPONSE, Event

CAUSE = "de.kursbot.cause"
POLL_START = "org.matrix.msc3381.poll.start"
SAID = ("m.room.message", POLL_START)
POLL_TITLE = "Abstimmung: Welches Thema"
ANSWERS = re.compile(
    r"„(qxz\d+)“ bietet|^(Nächste Termine)|^(Stimme gezählt: \d) –|^(Gezählt)\. Danke"
    rf"|^Gleich geht es los, \S+ Uhr: (.+)|^({POLL_TITLE})"
)

Seen = Counter[tuple[str, str]]
"""How often something was said in a room, named by its room and words that nothing else has."""


@dataclass
class Verdict:
    """What is missing and what was said too often; what was not said to all, or to too many.

    `unreadable` is by whomever, `open` what the bot did not encrypt in a room that is encrypted.
    """

    lost: Seen = field(default_factory=Counter)
    doubled: Seen = field(default_factory=Counter)
    repeated_causes: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def clean(self) -> bool:
        """Everything that was due was said once, to those in the room, and nothing else."""
        return self == Verdict(asked=self.asked)

    @property
    def summary(self) -> str:
        """How much of each, and the first few."""
        return "\n".join(
            f"{name}: {len(found)}, as {[*found][:3]}"
            for name, found in vars(self).items()
            if name != "asked" and found
        )


def verdict(
    timelines: Mapping[str, list[Event]], bot: str, direct: set[str], announced: Seen
) -> Verdict:
    """Compare what people asked and the clock announced with what the bot said.

    What the bot said without anybody having asked counts as doubled, but for the one check of its
    rooms that organisers read on its arrival.
    """
    due, said, causes, asked = Counter(announced), Seen(), Counter[str](), list[str]()
    for room, events in timelines.items():
        for event in events:
            if event.sender == bot:
                if event.type in SAID:
                    said[room, fingerprint(event)] += 1
                    causes[event.content.get(CAUSE, "")] += 1
            elif expected := expectation(event, room in direct):
                due[room, expected] += 1
                asked.append(event.id)
    due.update(dict.fromkeys((key for key in said if key[1].startswith("Ich bin da. ")), 1))
    return Verdict(
        lost=due - said,
        doubled=said - due,
        repeated_causes=[cause for cause, count in causes.items() if count > 1 or not cause],
        unanswered=[event_id for event_id in asked if event_id not in causes],
        unreadable=[event.id for event, _ in events_of(timelines) if event.unreadable],
        open=[event.id for events in timelines.values() for event in openly(events, bot)],
        asked=len(asked),
    )


def openly(events: Iterable[Event], bot: str) -> Iterable[Event]:
    """What the bot said for everybody to read after a room had been encrypted."""
    said = itertools.dropwhile(lambda event: event.type != "m.room.encryption", events)
    return (
        event
        for event in said
        if event.sender == bot and event.type in SAID and not event.encrypted
    )


def expectation(event: Event, direct: bool) -> str | None:
    """What the answer to somebody's message must say; None when it needs no answer."""
    match event.body.split():
        case ["!suche", word]:
            return word
        case ["!programm"]:
            return "Nächste Termine"
        case ["!stimme", number]:
            return f"Stimme gezählt: {number}" if direct else "Gezählt"
        case [number] if direct and number.isdigit():
            return f"Stimme gezählt: {number}"
    return None


def fingerprint(event: Event) -> str:
    """What the bot said, by the words that tell it from everything else."""
    if event.type == POLL_START:
        return POLL_START
    found = ANSWERS.search(event.body)
    return next(filter(None, found.groups())) if found else event.body


def tally(
    timelines: Mapping[str, list[Event]], direct: set[str], poll_id: str
) -> tuple[int, dict[int, int]]:
    """How many have a vote, and the votes of each option: everybody's last one counts."""
    last: dict[str, str] = {}
    for event, room in sorted(events_of(timelines), key=lambda pair: pair[0].sent_at):
        choice = ballot(event, room in direct, poll_id)
        if choice is not None:
            last[event.sender] = choice
    votes = Counter(int(choice) for choice in last.values() if choice)
    return votes.total(), {number: votes[number] for number in range(1, 5)}


def events_of(timelines: Mapping[str, list[Event]]) -> Iterable[tuple[Event, str]]:
    return ((event, room) for room, events in timelines.items() for event in events)


def ballot(event: Event, direct: bool, poll_id: str) -> str | None:
    """The number somebody voted for, empty when the vote is withdrawn, None if it is no vote."""
    if event.type == POLL_RESPONSE:
        relation = event.content.get("m.relates_to", {})
        answers = event.content[POLL_RESPONSE].get("answers", [])
        return (answers or [""])[0] if relation.get("event_id") == poll_id else None
    match event.body.split():
        case ["!stimme", number]:
            return number
        case [number] if direct and number.isdigit():
            return number
    return None
