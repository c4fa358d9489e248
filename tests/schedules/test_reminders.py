"""Only who has not answered is reminded, alone, once, and never at night."""

import pytest
from sqlalchemy import update

from storage import occurrences
from storage.models import Person, Poll
from storage.timetable import REMINDING

TEXT = (
    "Noch keine Stimme zu den Wahlthemen.\n"
    "Bis Fr 11.12., 12:00 Uhr: einfach 1, 2, 3 oder 4 antworten. Oder: enthalten.\n"
    "Worum es geht: !themen"
)
EVERYBODY = [f"@tn{number:02}:chat.example.org" for number in range(1, 16)]


@pytest.fixture
async def voting(chat):
    await chat.loads()
    await chat.clock_strikes("2026-11-30 09:00")
    return chat


async def change(chat, **values):
    async with chat.sessions.begin() as db:
        await db.execute(update(Poll).values(**values))
        await occurrences.plan(db, chat.course, chat.now)


async def whispers(chat, now):
    before = len(chat.said)
    await chat.clock_strikes(now)
    return [(s.room, s.body) for s in chat.said[before:] if _reminds(s)]


def _reminds(said):
    return said.room.startswith("@") and "Stimme" in said.body


async def test_only_those_who_have_not_answered(voting):
    for person in EVERYBODY[3:]:
        await voting.says("3", by=person, room_id=f"!{person}")
    await voting.says("enthalten", by="tn01")
    await voting.says("3", by="tn03")
    await voting.says("!stimme zurück", by="tn03")
    assert await whispers(voting, "2026-12-09 12:59:59") == []
    assert await whispers(voting, "2026-12-09 13:00") == [("@tn02:chat.example.org", TEXT)]
    (said,) = [said for said in voting.said if _reminds(said)]
    assert said.content["msgtype"] == "m.text"
    assert await whispers(voting, "2026-12-09 13:01") == []
    assert (await voting.says("2")).startswith("Stimme gezählt: 2")
    assert await whispers(voting, "2026-12-10 14:00") == []


async def test_everybody_with_an_account_each_time_once(voting):
    async with voting.sessions.begin() as db:
        query = update(Person).where(Person.key == "tn05").values(status="ausgeschieden")
        await db.execute(query)
    rest = [person for person in EVERYBODY if "tn05" not in person]
    for now in ("2026-12-09 13:00", "2026-12-10 14:00"):
        assert [who for who, _ in await whispers(voting, now)] == rest
        assert await whispers(voting, now) == []
    assert await whispers(voting, "2026-12-11 11:59") == []


@pytest.mark.parametrize(
    ("wished", "silent", "said"),
    [
        ("2026-12-08T21:00:00+00:00", "2026-12-09 07:29", "2026-12-09 07:30"),
        ("2026-12-05T12:00:00+00:00", "2026-12-07 07:29", "2026-12-07 07:30"),
    ],
)
async def test_quiet_hours_are_waited_for(voting, wished, silent, said):
    await change(voting, reminders=[wished])
    assert await whispers(voting, silent) == []
    assert len(await whispers(voting, said)) == len(EVERYBODY)


async def test_what_was_missed_until_the_evening_is_left_out(voting):
    said = await voting.clock_strikes("2026-12-09 18:00")
    assert not any(map(_reminds, voting.said))
    assert "ausgelassen: " in said.lower()


async def test_no_reminder_after_the_end(voting):
    await change(voting, reminders=["2026-12-11T16:30:00+00:00"])
    async with voting.sessions() as db:
        planned = (await occurrences.timetable(db, voting.course)).planned()
    assert [one for one in planned if one.schedule == REMINDING] == []
