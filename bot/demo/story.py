"""What happens in the demo: who says what, and what must be seen of it."""

import asyncio
from dataclasses import dataclass
from functools import partial

from bot.demo.stage import BOT, INFO, ORGA, TALK, Stage
from bot.demo.transcript import Transcript
from bot.participant import POLL_RESPONSE, Event

POLL_START, POLL_END = "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.end"
PACE = 0.7  # seconds between two messages, so that people can follow
JOIN_SECONDS, ANSWER_SECONDS, CLOCK_SECONDS = 20, 8, 50


@dataclass(frozen=True)
class Step:
    """Something to be seen in a room, or in the direct chat with an account.

    With an `asker` it answers what he or she typed, else it comes once and by itself. `kind` is
    the message type, or the event type of anything else; all `facts` must be in its text.
    """

    what: str
    room: str
    facts: tuple[str, ...]
    asker: str = ""
    typed: str = ""
    kind: str = "m.notice"
    sender: str = BOT


PROGRAMME = ("Öffentlichkeitsarbeit", "Tools für die tägliche Arbeit")
TOPICS = ("Schwierige Situationen", "Organisationsentwicklung", "Verstetigung", "Social Media")
LINK = "https://video.example.org/nk2/w3"
BOTH = ("Heidewinkel", "Heidesand")
COUNT = ("3 von 16", "Verstetigung 2", "Schwierige Situationen 1")
WINNERS = ("3 von 16", "Verstetigung", "Schwierige Situationen")

CONVERSATION = (
    Step("!hilfe in der Direktnachricht", "tn02", ("!programm", "!link"), "tn02", "!hilfe"),
    Step("!programm", TALK, PROGRAMME, "tn01", "!programm"),
    Step("!netzwerke", TALK, ("16 Netzwerke",), "tn07", "!netzwerke"),
    Step("!netzwerk heide: zwei Treffer", TALK, BOTH, "tn05", "!netzwerk heide"),
    Step("1: der erste der beiden", TALK, ("Fachkräftenetzwerk Heidewinkel",), "tn05", "1"),
    Step("!progamm: vertippt und doch verstanden", TALK, PROGRAMME, "tn03", "!progamm"),
    Step("!link", TALK, (LINK, "4711"), "tn09", "!link"),
)
OPENING = Step("Wahl eröffnet, mit Nummern zum Tippen", TALK, TOPICS, kind="m.text")
POLL = Step("Wahl eröffnet, als Umfrage zum Anklicken", TALK, TOPICS, kind=POLL_START)
CLICK = Step("Stimme durch Anklicken", TALK, (), kind=POLL_RESPONSE, sender="tn11")
VOTES = (
    Step("Stimme mit !stimme 3 im Austausch", TALK, ("Gezählt",), "tn06", "!stimme 3"),
    Step("Stimme mit 3 in der Direktnachricht", "tn04", ("Verstetigung",), "tn04", "3"),
)
REMINDER = Step("Gleich geht es los", INFO, ("Gleich geht es los", LINK), kind="m.text")
TO_ORGA = Step("Ergebnis der Wahl, zuerst an die Leitung", ORGA, COUNT, kind="m.text")
TO_ALL = Step("Ergebnis der Wahl, an alle", INFO, WINNERS, kind="m.text")
PICTURE = Step("Ergebnis der Wahl, als Bild", INFO, ("Verstetigung: 2",), kind="m.image")
FILLED = Step(
    "Beide Plätze stehen im Programm", "tn04", ("Entschieden", *WINNERS[1:]), "tn04", "!themen"
)
CLOSED = Step("Umfrage beendet", TALK, ("geschlossen",), kind=POLL_END)

STEPS = (
    *CONVERSATION,
    OPENING,
    POLL,
    CLICK,
    *VOTES,
    REMINDER,
    TO_ORGA,
    TO_ALL,
    PICTURE,
    CLOSED,
    FILLED,
)


async def bot_arrives(stage: Stage, log: Transcript) -> bool:
    """Wait until the bot has joined every room of the story; False if it does not."""
    for room in {stage.rooms[step.room] for step in STEPS}:
        if not await log.first(partial(joined, stage, room), JOIN_SECONDS):
            return False
    return True


def joined(stage: Stage, room: str, event: Event) -> bool:
    """Whether this is the bot entering the room."""
    bot = stage.homeserver.user_id(BOT)
    return (event.room, event.state_key) == (room, bot) and event.content["membership"] == "join"


async def play(stage: Stage, log: Transcript) -> None:
    """Talk and vote while the clock does its part; what is missing in time is not waited for."""
    await asyncio.gather(
        converse(stage, log),
        elect(stage, log),
        *(
            log.first(partial(fits, stage, step), CLOCK_SECONDS)
            for step in (REMINDER, PICTURE, CLOSED)
        ),
    )


async def converse(stage: Stage, log: Transcript) -> None:
    """Ask one after another."""
    for step in CONVERSATION:
        await ask(stage, log, step)
        await asyncio.sleep(PACE)


async def elect(stage: Stage, log: Transcript) -> None:
    """Three people vote, each in a different way; in the end, one of them looks what came out."""
    poll = await log.first(partial(fits, stage, POLL), CLOCK_SECONDS)
    if poll is None:
        return
    answers = poll.content[POLL_START]["answers"]
    await stage.people[CLICK.sender].vote(poll.room, poll.id, [answers[0]["id"]])
    for step in VOTES:
        await asyncio.sleep(PACE)
        await ask(stage, log, step)
    if await log.first(partial(fits, stage, TO_ALL), CLOCK_SECONDS):
        await ask(stage, log, FILLED)


async def ask(stage: Stage, log: Transcript, step: Step) -> None:
    """Type what the step says and wait until it is answered."""
    before = len(log.events)
    await stage.people[step.asker].say(stage.rooms[step.room], step.typed)
    await log.first(partial(fits, stage, step), ANSWER_SECONDS, since=before)


def fits(stage: Stage, step: Step, event: Event) -> bool:
    """Whether this is what the step wants to see; the bot never mentions anybody."""
    content = event.content
    return (
        event.room == stage.rooms[step.room]
        and event.sender == stage.homeserver.user_id(step.sender)
        and content.get("msgtype", event.type) == step.kind
        and all(fact in event.body for fact in step.facts)
        and (step.sender != BOT or content.get("m.mentions") == {})
    )
