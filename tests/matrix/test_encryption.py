"""The bot in encrypted rooms, seen by people with Element's own library."""

from datetime import UTC, datetime
from pathlib import Path

from bot.homeserver import Homeserver
from tests.matrix.cohort import PASSWORD, TALK, cohort, times
from tests.matrix.peer import Event, Peer

PRIVATE = {"preset": "trusted_private_chat", "is_direct": True}


def said_by(bot: str, text: str):
    """An answer of the bot that was readable, with this in it."""

    def fits(event: Event) -> bool:
        return event.sender == bot and text in event.body

    return fits


async def test_questions_are_answered_where_they_were_asked_encrypted(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 2) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        async with Peer(homeserver.base_url, course.user_id("tn01")) as anna:
            await anna.login(PASSWORD)
            direct = await anna.create_room(invite=[course.bot], **PRIVATE)
            await course.joined(direct, course.people["tn01"])
            await anna.say(direct, "!netzwerk wattkante")
            answer = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert (answer.room, answer.encrypted, answer.failure) == (direct, True, None)

            await anna.say(direct, "!kalender")
            file = await anna.wait_for(lambda e: e.content.get("msgtype") == "m.file", 20)
            calendar = await anna.download(file.content)
            assert file.encrypted
            assert calendar.startswith(b"BEGIN:VCALENDAR")

            room = course.rooms[TALK]
            await anna.say(room, "!netzwerk wattkante")
            plain = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert (plain.room, plain.encrypted) == (room, False)
            await course.people["leitung"].call(
                "PUT",
                "rooms",
                room,
                "state",
                "m.room.encryption",
                body={"algorithm": "m.megolm.v1.aes-sha2"},
            )
            await anna.wait_for(lambda event: event.type == "m.room.encryption")
            await anna.say(room, "!netzwerk wattkante")
            sealed = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert (sealed.room, sealed.encrypted) == (room, True)
        assert await course.service.stop() == 0
