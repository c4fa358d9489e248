"""Write what a schedule says into the outbox, with everything that goes with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot import chart, markup
from schedules import Context, Said
from storage import outbox, questions, standing
from storage.models import Occurrence, OutgoingMessage
from storage.replies import Ballot, Closing, Notice, Place, Post, Summons, Whisper

POLL_START, POLL_END = "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.end"
PINNED = "m.room.pinned_events"


class RoomUnknown(Exception):
    """The bot is not in that room yet."""


@dataclass(frozen=True)
class Draft:
    """A message to a room of the course, or to a person by the Matrix id, but for its cause.

    It may be about the message that an earlier cause became.
    """

    to: Place | Whisper
    content: Callable[[str], markup.Content]
    type: str = "m.room.message"
    file: bytes | None = None
    about: str | None = None
    reactions: Mapping[str, str] = field(default_factory=dict)


async def put(db: AsyncSession, ctx: Context, occurrence: Occurrence, said: Said) -> int:
    """Post what was said elsewhere, then the text itself; how many messages came of it.

    The first message has the cause of the occurrence, further ones `#2`, `#3` … behind it. Raises
    `RoomUnknown` when one of them could not be sent: all or none.
    """
    drafts = [draft for post in ctx.also for draft in _beside(post)]
    drafts += await _drafts(db, said, occurrence)
    for number, draft in enumerate(drafts, start=1):
        cause = occurrence.cause if number == 1 else f"{occurrence.cause}#{number}"
        room_id = await _address(db, occurrence.course_id, draft.to)
        if room_id is None:
            raise RoomUnknown
        message = OutgoingMessage(
            cause=cause,
            course_id=occurrence.course_id,
            room_id=room_id,
            type=draft.type,
            content=draft.content(cause),
            file=draft.file,
            about=draft.about,
            reactions=dict(draft.reactions) or None,
            due=ctx.now,
            expires=occurrence.expires,
        )
        if await outbox.put(db, message) and isinstance(draft.to, Whisper) and draft.to.answers:
            await questions.ask(db, questions.of(draft.to, room_id, room_id, cause, ctx.now))
    return len(drafts)


def _beside(post: Post | Whisper) -> list[Draft]:
    """The text, and the picture that belongs to it."""
    if isinstance(post, Whisper):
        whisper = partial(markup.content, post.text, True)
        return [Draft(post, whisper, reactions=post.reactions)]
    said = partial(markup.content, post.text, post.push)
    text = Draft(post.place, said, reactions=post.reactions)
    if post.chart is None:
        return [text]
    picture = chart.draw(post.chart)
    shown = partial(markup.image, chart.NAME, post.chart.description, picture)
    return [text, Draft(post.place, shown, file=picture.data)]


async def _address(db: AsyncSession, course_id: int, to: Place | Whisper) -> str | None:
    """The id of a room, or of a person: the delivery finds the direct chat."""
    if isinstance(to, Whisper):
        return to.mxid
    return await standing.room_of(db, course_id, to)


async def _drafts(db: AsyncSession, said: Said, occurrence: Occurrence) -> list[Draft]:
    room = Place(occurrence.room)
    match said:
        case None:
            return []
        case Ballot():
            text = partial(markup.content, said.text, occurrence.push)
            return [Draft(room, text), Draft(room, partial(markup.poll_start, said), POLL_START)]
        case Closing():
            start = said.poll_cause and await outbox.event_of(db, said.poll_cause)
            if start:
                return [Draft(room, partial(markup.poll_end, said.text, start), POLL_END)]
            return [Draft(room, partial(markup.content, said.text, False))]
        case Notice(edits=str(cause)):
            return [Draft(room, partial(markup.edit, said.text), about=cause)]
        case Notice():
            pin = partial(markup.pin, "Anheften des Programms", said.instead)
            text = partial(markup.content, said.text, occurrence.push)
            return [Draft(room, text), Draft(room, pin, PINNED, about=occurrence.cause)]
        case str() | Summons():
            words, everyone = (said, False) if isinstance(said, str) else (said.text, True)
            push = occurrence.push
            return [Draft(room, partial(markup.content, words, push, everyone=everyone))]
