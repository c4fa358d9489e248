"""From a message in a room to a reply in the outbox, in one transaction."""

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot import (
    answering,
    arguments,
    parsing,
    reading,
    replying,
    rights,
    short_answers,
    strangers,
    vocabulary,
)
from bot.arguments import Choose
from bot.foretelling import foretell
from bot.incoming import Emoji, Message
from bot.limits import Throttle
from bot.vocabulary import Call, Suggestion, Unknown
from commands import CLOSED, Answer, Command, Context, UserError
from schedules import Schedule
from storage import audit, inbox, outbox, questions, standing
from storage.joined import Shared, nowhere
from storage.replies import DIRECT, WITHOUT, Reply
from storage.standing import Standing

log = logging.getLogger(__name__)


OPEN = (
    "Für Befehle der Lehrgangsleitung zählt hier nur die Antwort als Text: "
    "Emoji verschlüsselt der Chat nicht."
)
"""What an organiser hears who confirms with an emoji: the server could have made it up."""


class NotUnderstood(Exception):
    """The reply asks back or explains: a corrected version of the message gets a chance."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass
class Router:
    """Knows the commands, and how the bot is called in rooms.

    `shared` names the rooms in which the bot is together with somebody; of the `schedules` one can
    hear what they will say. `running` is entered with the name of a command while it runs.
    `may_call` says whether everybody in a room may be notified for somebody.
    """

    commands: Mapping[str, Command]
    names: Collection[str]
    throttle: Throttle = field(default_factory=Throttle)
    shared: Shared = nowhere
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    running: Callable[[str], AbstractContextManager[object]] = nullcontext
    may_call: Callable[[str, str], bool] = lambda room, person: False

    def __post_init__(self) -> None:
        self.vocabulary = vocabulary.of(self.commands.values())
        self.leading = vocabulary.of(self.commands.values(), leading=True)
        self._emoji = {reading.emoji(c.emoji): c.name for c in self.commands.values() if c.emoji}

    def wants(self, emoji: Emoji) -> bool:
        """Whether a command has to know what somebody has put this emoji to."""
        known = reading.emoji(emoji.key) in self._emoji
        return known and not (emoji.direct or emoji.backlog)

    def concerns(self, message: Message) -> bool:
        """Whether the message may be for the bot; everything else is dropped unread."""
        if message.media:
            return message.direct
        return (
            self.addressed(message)
            or message.answers is not None
            or short_answers.read(message.body, message.direct) is not None
        )

    def addressed(self, message: Message) -> bool:
        """Whether the message says by itself that it is for the bot."""
        return self._address(message) is not None

    async def handle(self, db: AsyncSession, message: Message) -> None:
        """Let the message have its effect once: changes, replies and the note that it was seen.

        Raises `NotUnderstood` or `UserError` when nothing may change and only a reply is due.
        """
        if message.replaces and await inbox.understood(db, message.replaces):
            return
        place = await self._standing(db, message)
        if place is None:
            await self._greet_directly(db, message)
            return
        if place.former and place.place == DIRECT and not place.organiser:
            await strangers.dismiss(db, message, place.course)
            return
        call = await self._meant(db, message, place)
        if call is None or not await inbox.first_sight(db, message.event_id, message.now):
            return
        if message.replaces:
            await inbox.settle(db, message.replaces, True, message.now)
        if isinstance(call, Call):
            with self.running(call.command):
                await self._run(db, message, place, call)
        elif call in answering.ENDINGS:
            await replying.put(db, message, place.course, call)
        else:
            raise NotUnderstood(call)

    async def react(self, db: AsyncSession, emoji: Emoji) -> None:
        """Run what an emoji on a post of the bot stands for, once per person and post.

        Strangers, and what comes too late, are not answered. Raises as `handle` does.
        """
        message = emoji.typed
        place = await self._standing(db, message)
        if place is None or not (place.person or place.organiser):
            return
        call = await self._clicked(db, emoji, place)
        command = self.commands[call.command] if isinstance(call, Call) else None
        if call is None or (emoji.backlog and not (command and command.late)):
            return
        if command and command.admin and emoji.exposed:
            raise UserError(OPEN)
        if not await inbox.first_reaction(db, emoji.sender, emoji.target, emoji.now):
            return
        if isinstance(call, Call):
            with self.running(call.command):
                await self._run(db, message, place, call)
        else:
            await replying.put(db, message, place.course, call)

    async def _clicked(
        self, db: AsyncSession, emoji: Emoji, place: Standing
    ) -> Call | Reply | None:
        """What an emoji on this post stands for; the post must be where the emoji is."""
        key = reading.emoji(emoji.key)
        if emoji.quoted and key in self._emoji:
            return Call(self._emoji[key], "")
        post = await outbox.posted(db, emoji.target)
        if post is None or post.to not in (emoji.room_id, emoji.sender):
            return None
        lines = {reading.emoji(known): line for known, line in post.reactions.items()}
        if key in lines:
            return answering.as_call(lines[key])
        agreed = short_answers.yes_no(key)
        theirs = (emoji.sender, questions.ANYBODY) if place.leads else (emoji.sender,)
        asked = agreed is not None and await questions.asked_by(db, post.cause, theirs, emoji.now)
        return await answering.given(db, asked, "ja" if agreed else "nein") if asked else None

    async def reply(self, db: AsyncSession, message: Message, answer: Answer) -> None:
        """Answer a message that changed nothing, once."""
        place = await self._standing(db, message)
        if place and await inbox.first_sight(db, message.event_id, message.now):
            await inbox.settle(db, message.replaces or message.event_id, False, message.now)
            if place.leads and reading.is_command(message.body):
                await questions.lapse(db, message.room_id, message.sender, message.now)
            await replying.put(db, message, place.course, answer)
            await _greet(db, message, place)

    async def _greet_directly(self, db: AsyncSession, message: Message) -> None:
        """Somebody unknown writes directly: a word, if they are in a room of a course."""
        rooms = self.shared(message.sender) if message.direct else ()
        course = await standing.course_of(db, rooms) if rooms else None
        if course is not None:
            await strangers.greet(db, message, course)

    async def _standing(self, db: AsyncSession, message: Message) -> Standing | None:
        found = await standing.in_room(db, message.room_id, message.sender)
        if found is None and message.direct:
            found = await standing.directly(db, message.sender, message.now.date())
        if found is not None and found.organiser:
            return rights.led(found, message.room_id, self.shared(message.sender))
        return found

    async def _meant(
        self, db: AsyncSession, message: Message, place: Standing
    ) -> Call | Reply | None:
        """What the person wants: a command, a reply because it is unclear, or nothing."""
        if message.media:
            return Reply(replying.TEXT_ONLY)
        if message.answers and place.leads:
            waiting = await outbox.reply_room(db, message.answers)
            if waiting is not None:
                if message.exposed:
                    raise UserError(rights.SEALED_ONLY)
                await replying.carry(db, message, place.course, waiting)
                return None
        answered = await answering.answered(db, message, place)
        if answered is not None:
            return answered
        text = self._address(message)
        if text is None:
            return None
        words = self.leading if place.leads else self.vocabulary
        found = parsing.recognise(text, words, direct=message.direct)
        return self._explained(found, message)

    def _explained(
        self, found: Call | Suggestion | Unknown | None, message: Message
    ) -> Call | Reply | None:
        if isinstance(found, Suggestion):
            command = self.commands[found.call.command]
            rest = "" if command.discreet else found.call.arguments
            line = f"{found.call.command} {rest}".strip()
            text = (
                f"Gemeint ist vielleicht **!{found.word}** ({command.help})? Antwort mit Ja genügt."
            )
            return Reply(text, answers={"ja": line})
        if isinstance(found, Unknown):
            wanted = message.direct and self.throttle.explains(message.sender, message.now)
            return Reply(replying.UNKNOWN) if wanted else None
        return found

    async def _run(self, db: AsyncSession, message: Message, place: Standing, call: Call) -> None:
        command = self.commands[call.command]
        if command.admin and (why := rights.obstacle(message, place)):
            raise UserError(why)
        if place.course.closed and not command.ended:
            raise UserError(CLOSED)
        if message.backlog and not command.late:
            await replying.put_late(db, message, place.course)
            return
        ctx = self._context(db, message, place, call)
        try:
            words = await arguments.bind(ctx, command, call.arguments)
        except Choose as choice:
            raise NotUnderstood(choice.reply) from choice
        answer = await command.run(ctx, *words)
        if call.confirmed and place.leads:
            await audit.note(db, place.course, message.sender, _line(call), message.now)
        await replying.put(db, message, place.course, answer, ctx.also)
        await _greet(db, message, place)

    def _context(self, db: AsyncSession, message: Message, place: Standing, call: Call) -> Context:
        local = place.course.local
        return Context(
            db=db,
            course=place.course,
            now=local(message.now),
            sent=local(message.sent),
            place=place.place,
            room_id=message.room_id,
            sender=message.sender,
            event_id=message.event_id,
            person=place.person,
            organiser=place.leads,
            confirmed=call.confirmed,
            answer=call.answer,
            quoted=message.quoted,
            contents=message.contents,
            foretell=partial(foretell, self.schedules, db),
            pills=message.pills,
            shared=self.shared,
            may_call=self.may_call,
        )

    def _address(self, message: Message) -> str | None:
        return parsing.address(
            message.body,
            bot_names=self.names,
            direct=message.direct,
            mentioned=message.mentioned,
        )


async def _greet(db: AsyncSession, message: Message, place: Standing) -> None:
    """Whoever is known is greeted by the answer alone."""
    if not (place.person or place.organiser or place.former):
        await strangers.greet(db, message, place.course)


def _line(call: Call) -> str:
    """What was confirmed, as it could be typed, and how if not by a plain yes."""
    how = WITHOUT if call.answer == short_answers.SILENTLY else call.answer
    typed = f"!{call.command} {call.arguments}".strip()
    return typed if how in ("", "ja") else f"{typed} ({how})"
