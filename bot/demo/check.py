"""The second opinion on the demo: what happened, read back from the server by those who were there.

A new device would not do: it has no keys for what was said before it came.
"""

import asyncio

from bot.demo.stage import BOT, INFO, ORGA, TALK, TITLES, Stage
from bot.demo.story import STEPS, TO_ALL, TO_ORGA, Step, fits
from bot.participant import Event

SEEN, MISSING, TWICE, EARLY = "ok", "fehlt", "doppelt", "zu früh"
OPEN, UNREADABLE = "offen", "unlesbar"
PRIVACY = "Alles vom Bot kam verschlüsselt an und war lesbar"
NEVER_ENCRYPTED = ("m.reaction", "m.room.redaction")


async def verdicts(stage: Stage) -> dict[str, str]:
    """`ok` or what is wrong for each of the steps, as it is read back from the server now.

    Participants and an organiser read, each only where she or he may.
    """
    rooms = list(stage.rooms)
    found = await asyncio.gather(*(read(stage, room) for room in rooms))
    timelines = dict(zip(rooms, found, strict=True))
    steps = {step.what: verdict(stage, step, timelines) for step in STEPS}
    return steps | {PRIVACY: privacy(stage, [event for events in found for event in events])}


async def read(stage: Stage, room: str) -> list[Event]:
    """Everything that happened in a room."""
    account = {INFO: "tn02", TALK: "tn02", ORGA: stage.leaders[1]}.get(room, room)
    reader = stage.people[account]
    if room in TITLES:
        address = await reader.call("GET", "directory", "room", stage.alias(room))
        return await reader.messages(address["room_id"])
    return await reader.messages(stage.rooms[room])


def privacy(stage: Stage, events: list[Event]) -> str:
    """Whether the server saw nothing of what the bot wrote, and its readers all of it."""
    bot = stage.homeserver.user_id(BOT)
    said = [event for event in events if event.sender == bot and event.state_key is None]
    if not all(event.encrypted for event in said if event.type not in NEVER_ENCRYPTED):
        return OPEN
    if any(event.unreadable for event in said):
        return UNREADABLE
    return SEEN if any(event.encrypted for event in said) else MISSING


def verdict(stage: Stage, step: Step, timelines: dict[str, list[Event]]) -> str:
    """`ok` or what is wrong, from everything that happened in the rooms."""
    events = timelines[step.room]
    if step.asker:
        asker = stage.homeserver.user_id(step.asker)
        asked = [e.sender == asker and e.body == step.typed for e in events]
        events = events[asked.index(True) :] if any(asked) else []
    found = [event for event in events if fits(stage, step, event)]
    if not found:
        return MISSING
    if step is TO_ALL and not any(
        fits(stage, TO_ORGA, event) and event.sent_at <= found[0].sent_at
        for event in timelines[ORGA]
    ):
        return EARLY
    return TWICE if len(found) > 1 and not step.asker else SEEN
