"""Which date somebody means, in the sample course."""

from datetime import date

import pytest

from storage import meetings

TODAY = date(2026, 11, 26)  # a Thursday, the day after webinar 3


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("5", "w5"),
        ("05", "w5"),
        ("5.", "w5"),
        ("w5", "w5"),
        ("W 5", "w5"),
        ("webinar 5", "w5"),
        ("Webinar Nr. 5", "w5"),
        ("5. Webinar", "w5"),
        ("die folien von webinar 5 bitte", "w5"),
        ("10", "w10"),
        ("99", ""),
        ("webinar 99", ""),
        ("z2", "z2"),
        ("auftakt", "a1 a2"),
        ("Auftakt Tag 2", "a2"),
        ("Auftakt 1", "a1"),
        ("auftakt 7", ""),
        ("kick-off", "a1 a2"),
        ("abschluss", "z1 z2"),
        ("Abschlussveranstaltung", "z1 z2"),
        ("gestern", "w3"),
        ("wo sind die folien von gestern", "w3"),
        ("25.11.", "w3"),
        ("Mi 25.11.", "w3"),
        ("am 2. Dezember", "w4"),
        ("nächsten mittwoch", "w4"),
        ("webinar am 9.12.", "w5"),
        ("diese Woche", "w3"),
        ("in der nächsten Woche", "w4"),
        ("letzte woche", "w2"),
        ("Dezember", "w4 w5 w6"),
        ("im Februar", "w10 z1 z2"),
        ("Dezember 2027", ""),
        ("August", ""),
        ("13.01.2027", "w7"),
        ("angebot", "w5"),
        ("Angebotsentwiklung", "w5"),
        ("oeffentlichkeitsarbeit", "w3"),
        ("offentlichkeitsarbeit", "w3"),
        ("tipps und tricks", "w3"),
        ("rollen", "w2"),
        ("das Skript zum Thema Rollen", "w2"),
        ("wahlthema", "w7 w8"),
        ("Wahlthema B", "w8"),
        ("werkstatt", "w9"),
        ("bilanz", "w10"),
        ("quatsch", ""),
        ("", ""),
        ("wie war das so", ""),
        ("%", ""),
    ],
)
async def test_a_date_is_found(chat, text, keys):
    await chat.loads()
    async with chat.sessions() as db:
        found = await meetings.matching(db, chat.course, text, TODAY)
    assert [meeting.key for meeting in found] == keys.split()


async def test_tasks_without_a_deadline_are_due_when_people_meet(chat):
    await chat.loads()
    async with chat.sessions.begin() as db:
        dates = {meeting.key: meeting for meeting in await meetings.every(db, chat.course)}
        dates["w4"].task, dates["w4"].task_due = "Etwas", None
        await db.flush()
        for now, due in (("11-26", ["12-02"]), ("12-03", ["12-09"]), ("12-10", [])):
            chat.at(f"2026-{now} 12:00")
            tasks = await meetings.due_tasks(db, chat.course, now=chat.now)
            assert [(m.key, f"{at:%m-%d %H:%M}") for m, at in tasks] == [
                ("w4", f"{day} 10:00") for day in due
            ]
