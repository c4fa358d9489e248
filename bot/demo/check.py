"""The second opinion on the demo: new devices read back from the server what happened."""

import asyncio

from bot.demo.stage import INFO, ORGA, TALK, TITLES, Stage
from bot.demo.story import STEPS, TO_ALL, TO_ORGA, Step, fits
from bot.participant import Event

SEEN, MISSING, TWICE, EARLY = "ok", "fehlt", "doppelt", "zu früh"


async def verdicts(stage: Stage) -> dict[str, str]:
    """`ok` or what is wrong for each of the steps, as it is read back from the server now.

    Only new devices read: an organiser's and participants', each only where she or he may.
    """
    rooms = {step.room for step in STEPS}
    timelines = dict(
        zip(rooms, await asyncio.gather(*(read(stage, r) for r in rooms)), strict=True)
    )
    return {step.what: verdict(stage, step, timelines) for step in STEPS}


async def read(stage: Stage, room: str) -> list[Event]:
    """Everything that happened in a room."""
    account = {INFO: "tn02", TALK: "tn02", ORGA: stage.leaders[1]}.get(room, room)
    async with stage.client(account) as reader:
        await reader.login(stage.password)
        if room in TITLES:
            address = await reader.call("GET", "directory", "room", stage.alias(room))
            return await reader.messages(address["room_id"])
        return await reader.messages(stage.rooms[room])


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
