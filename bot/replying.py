"""Write the answer to a message into the outbox, with everything that goes with it."""

import json
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot import chart, markup, reading
from bot.incoming import Message
from bot.limits import Verdict
from commands import Answer
from storage import outbox, questions, standing
from storage.models import Course, OutgoingMessage
from storage.replies import (
    A_DAY,
    DIRECT,
    ROOM_NAMES,
    Invite,
    Post,
    Reaction,
    Reply,
    Whisper,
)

INVITATION = "m.room.member"
"""The type of a message that asks a `user` in, instead of saying something."""

UNKNOWN = (
    "Das kenne ich leider nicht. !hilfe zeigt, was ich kann.\n"
    "Soll ein Mensch antworten? !orga und dann die Frage."
)
TEXT_ONLY = (
    "Ich kann leider nur Text lesen. Bitte kurz schreiben oder mit !orga die Lehrgangsleitung "
    "fragen."
)
BROKEN = (
    "Da ist bei mir etwas schiefgegangen, es hat sich nichts geändert.\n"
    "Bitte später noch einmal versuchen. Eilig? !orga und dann die Frage."
)
LATE = (
    "Ich war eine Weile nicht erreichbar. Stimmen, die rechtzeitig kamen, zählen. "
    "Was sonst noch wichtig ist, bitte einfach noch einmal schreiben."
)
SILENT = {
    Verdict.SLOW_DOWN: (
        "Das geht mir etwas zu schnell. Bitte eine Minute warten, dann antworte ich wieder."
    ),
    Verdict.BOT: (
        "Das sieht nach einem anderen Bot aus: Ich antworte hier erst in einer Stunde wieder, "
        "anderswo weiterhin."
    ),
}
"""Why nothing more is said for a while."""


async def put(
    db: AsyncSession,
    message: Message,
    course: Course | None,
    answer: Answer,
    also: Sequence[Post | Whisper | Invite] = (),
) -> None:
    """Say the answer where it was asked, and the posts where they belong.

    The event id is the cause: however often the message comes, it is answered once. What waited
    while the bot was away has its effect, but is not answered one by one.
    """
    for number, post in enumerate(also):
        if isinstance(post, Whisper):
            await _whisper(db, message, course, post, f"{message.event_id}#{DIRECT}{number}")
        elif isinstance(post, Invite):
            await _invite(db, message, course, post, f"{message.event_id}#{post.place}{number}")
        else:
            await _post(db, message, course, post, f"{message.event_id}#{post.place}{number}")
    if answer is not None and message.backlog:
        await put_late(db, message, course)
    elif isinstance(answer, Reaction):
        cause = message.event_id
        content = markup.reaction(message.event_id, answer.key, cause)
        await outbox.put(db, _row(message, course, content, cause, type="m.reaction"))
    elif answer is not None:
        await _say(db, message, course, answer if isinstance(answer, Reply) else Reply(answer))


async def put_late(db: AsyncSession, message: Message, course: Course | None) -> None:
    """One sentence per room and absence for everything that came while the bot was away."""
    cause = f"zu spät/{message.room_id}/{message.now:%Y-%m-%dT%H}"
    await outbox.put(db, _row(message, course, markup.content(LATE, False, cause), cause))


async def carry(db: AsyncSession, message: Message, course: Course, room_id: str) -> None:
    """Bring an organiser's answer to the person who asked, and show that it went there."""
    cause = f"{message.event_id}#antwort"
    text = f"**Antwort der Lehrgangsleitung:**\n{reading.unquoted(message.body)}"
    content = markup.content(text, push=True, cause=cause)
    row = _row(message, course, content, cause)
    row.room_id = room_id
    await outbox.put(db, row)
    await put(db, message, course, Reaction("👍"))


async def _say(db: AsyncSession, message: Message, course: Course | None, reply: Reply) -> None:
    cause = message.event_id
    content = markup.content(reply.text, reply.push, cause)
    row = _row(message, course, content, cause)
    row.reactions = dict(reply.reactions) or None
    row.secret = reply.secret
    await outbox.put(db, row)
    for number, file in enumerate(filter(None, (reply.file, reply.copy))):
        behind = f"{cause}#datei{number or ''}"
        content = markup.file(file.name, file.mimetype, len(file.data), behind)
        row = _row(message, course, content, behind)
        row.file = file.data
        await outbox.put(db, row)
    for number, one in enumerate(reply.shared):
        cause = f"{message.event_id}#anhang{number}"
        content = markup.shared(one.name, json.loads(one.source), cause)
        await outbox.put(db, _row(message, course, content, cause))
    if reply.answers:
        asked = questions.of(reply, message.room_id, message.sender, message.event_id, message.now)
        await questions.ask(db, asked)


async def _post(
    db: AsyncSession, message: Message, course: Course | None, post: Post, cause: str
) -> None:
    room_id = None if course is None else await standing.room_of(db, course.id, post.place)
    if room_id is None:
        return
    said = markup.content(post.text, post.push, cause, post.everyone)
    edited = markup.edit(post.text, cause) if post.edits else None
    row = _row(message, course, edited or said, cause)
    row.room_id, row.about = room_id, post.edits
    row.reply_room = message.room_id if post.wants_reply else None
    row.reactions = dict(post.reactions) or None
    await outbox.put(db, row)
    if post.chart is not None:
        cause, picture = f"{cause}#bild", chart.draw(post.chart)
        content = markup.image(chart.NAME, post.chart.description, picture, cause)
        row = _row(message, course, content, cause)
        row.room_id, row.file = room_id, picture.data
        await outbox.put(db, row)


async def _whisper(
    db: AsyncSession, message: Message, course: Course | None, whisper: Whisper, cause: str
) -> None:
    """Where only that person reads along: the delivery finds the direct chat, or makes one."""
    row = _row(message, course, markup.content(whisper.text, True, cause), cause)
    row.room_id = whisper.mxid
    row.reactions = dict(whisper.reactions) or None
    await outbox.put(db, row)
    if whisper.answers:
        asked = questions.of(whisper, whisper.mxid, whisper.mxid, cause, message.now)
        await questions.ask(db, asked)


async def _invite(
    db: AsyncSession, message: Message, course: Course | None, invite: Invite, cause: str
) -> None:
    """For a day; the body is what organisers read should it not work."""
    room_id = None if course is None else await standing.room_of(db, course.id, invite.place)
    if room_id is not None:
        title = f"Einladung von {invite.mxid} in den Raum {ROOM_NAMES[invite.place]}"
        content = {"membership": "invite", "user": invite.mxid, "body": title}
        row = _row(message, course, content, cause, type=INVITATION)
        row.room_id, row.expires = room_id, message.now + A_DAY
        await outbox.put(db, row)


def _row(
    message: Message,
    course: Course | None,
    content: markup.Content,
    cause: str,
    type: str = "m.room.message",
) -> OutgoingMessage:
    return OutgoingMessage(
        cause=cause,
        course_id=None if course is None else course.id,
        room_id=message.room_id,
        type=type,
        content=content,
        due=message.now,
    )
