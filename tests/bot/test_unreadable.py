"""Messages whose key does not come: kept, and their senders told, once."""

from datetime import timedelta

from bot import unreadable
from bot.incoming import Sealed
from bot.intake import TOKEN
from storage import sealed
from tests.conftest import SERVER

REQUEST = (
    "Eine Nachricht vom Mi 25.11., 10:03, war verschlüsselt, und der Schlüssel dazu ist hier nicht "
    "angekommen.\n"
    "Bitte noch einmal schreiben. Bleibt es dabei: Element schließen, neu öffnen und es noch "
    "einmal versuchen."
)


async def hears(chat, *numbers: int, by: str = "tn02", place: str = "austausch") -> None:
    sender = f"@{by}:{SERVER}"
    events = [
        Sealed(f"$sealed{n}", chat.room(place, by), sender, {"n": n}, chat.now, chat.now)
        for n in numbers
    ]
    await chat.intake.take(events, {TOKEN: "token"})


async def tells(chat, minutes: int) -> str:
    chat.now += timedelta(minutes=minutes)
    before = len(chat.said)
    await unreadable.tell(chat.sessions, chat.now)
    await chat.deliver()
    return "\n".join(f"{said.room} {said.body}" for said in chat.said[before:])


async def kept(chat) -> list[str]:
    async with chat.sessions() as db:
        found, page = [], await sealed.waiting(db)
        while page:
            assert len(page) <= sealed.PAGE
            found += [row.event_id for row in page]
            page = await sealed.waiting(db, page[-1])
        return found


async def test_the_sender_is_told_directly_once_an_hour(chat):
    await chat.loads()
    chat.at("2026-11-25 10:03")
    await hears(chat, 1, 2)
    assert await tells(chat, 2) == ""
    assert await tells(chat, 1) == f"@tn02:{SERVER} {REQUEST}"
    await hears(chat, 3)
    assert await tells(chat, 56) == ""
    assert "Mi 25.11., 10:06" in await tells(chat, 5)
    assert await tells(chat, 600) == ""


async def test_strangers_are_not_told(chat):
    await chat.loads()
    chat.at("2026-11-25 10:03")
    await hears(chat, 1, by="fremd")
    assert await tells(chat, 10) == ""
    assert await kept(chat) == ["$sealed1"]


async def test_each_message_is_kept_once(chat):
    await chat.loads()
    await hears(chat, 1, 1)
    assert await kept(chat) == ["$sealed1"]
    async with chat.sessions.begin() as db:
        await sealed.drop(db, "$sealed1")
    assert await kept(chat) == []


async def test_a_flood_pushes_out_nothing_but_itself(chat):
    await chat.loads()
    await hears(chat, 0)
    for number in range(1, sealed.MOST + 3):
        chat.now += timedelta(seconds=3)
        await hears(chat, number, by="tn03")
    assert await kept(chat) == [f"$sealed{n}" for n in (0, *range(3, sealed.MOST + 3))]


async def test_a_fast_flood_is_not_even_kept(chat):
    await chat.loads()
    await hears(chat, *range(100), by="tn03")
    await hears(chat, 100)
    assert sorted(await kept(chat)) == sorted(f"$sealed{n}" for n in (*range(10), 100))
