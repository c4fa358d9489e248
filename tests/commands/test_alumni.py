"""Who wants to be in the alumni network says so; of all others, nothing moves."""

from datetime import timedelta

from sqlalchemy import select

from storage import rooms
from storage.models import Alumnus, Room
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
ASKED = "Lust auf das Alumni-Netzwerk?"


async def inside(chat):
    """The bot has been let into the alumni room."""
    async with chat.sessions.begin() as db:
        room = await rooms.of(db, chat.course, "alumni")
        room.room_id, room.membership = chat.room("alumni"), rooms.JOIN


async def consents(chat):
    async with chat.sessions() as db:
        return [row.person for row in await db.scalars(select(Alumnus))]


async def test_everybody_is_asked_alone_and_a_yes_brings_the_invitation(cohort):
    await inside(cohort)
    await cohort.clock_strikes("2027-02-09 14:15")
    asked = [one.room for one in cohort.said if one.body.startswith(f"{ASKED} Mit ja")]
    assert len(asked) == len(set(asked)) == 15
    before = len(cohort.said)
    await cohort.says("ja", by="tn01")
    said = {(one.room.partition(":")[0], one.type): one for one in cohort.said[before:]}
    invitation = said["!alumni", "m.room.member"]
    assert invitation.content["user"] == "@tn01:chat.example.org"
    assert said["!alumni", "m.room.message"].body == (
        "Neu dabei: MINT-Region Wattkante\n"
        "Bietet: MINT-Mobil, Experimentierkisten, Lernorte mit Feuerwehr und Schwimmverein"
    )
    assert said["!direct-tn01", "m.room.message"].body == (
        "Schön! Die Einladung in den Alumni-Raum kommt gleich. Zurücknehmen: !alumni nein"
    )
    await cohort.says("nein", by="tn02")
    assert await consents(cohort) == ["tn01"]


async def test_where_the_bot_is_not_inside_organisers_get_the_list(cohort):
    assert await cohort.says("!alumni ja", by="tn01") == (
        "Schön! Die Einladung kommt von der Lehrgangsleitung. Zurücknehmen: !alumni nein\n"
        "Neu fürs Alumni-Netzwerk: MINT-Region Wattkante. Die ganze Liste: !alumniraum"
    )
    assert await cohort.says("!alumni", **LEADER) == (
        "Alumni-Raum: #nk-alumni:chat.example.org (ich bin nicht dabei)\n"
        "Dabei sein möchten: 1\n"
        "– MINT-Region Wattkante\n"
        "Wer es ist, steht in der Datei. Alle einladen: !alumniraum einladen\n"
        "Ändern: !alumniraum #alumni:server.de\n"
        "alumni.csv"
    )
    assert b"@tn01:chat.example.org" in cohort.said[-1].file
    await inside(cohort)
    assert "1 in den Alumni-Raum einladen?" in await cohort.says("!alumniraum einladen", **LEADER)
    before = len(cohort.said)
    await cohort.says("ja", **LEADER)
    users = [one.content.get("user") for one in cohort.said[before:]]
    assert [user for user in users if user] == ["@tn01:chat.example.org"]
    cohort.now += timedelta(seconds=20)
    assert "Bitte dort entfernen." in await cohort.says("!alumni nein", by="tn01")
    assert await consents(cohort) == []


async def test_organisers_choose_the_room_and_the_file_leaves_it(cohort):
    for typed, answer in (
        ("!alumniraum foo", "Das ist keine Adresse eines Raums."),
        ("!alumniraum #nk-2026-2-orga:chat.example.org", "Dieser Raum ist schon ein Kursraum."),
        ("!alumniraum einladen", "Niemand ist einzuladen"),
        ("!alumniraum #neu:chat.example.org", "Alumni-Raum: #neu:chat.example.org?"),
        ("ja", "Eingetragen. Bitte mich dorthin einladen"),
    ):
        cohort.now += timedelta(seconds=20)
        assert (await cohort.says(typed, **LEADER)).startswith(answer)
    assert await cohort.loads() == []
    async with cohort.sessions() as db:
        assert (await rooms.of(db, cohort.course, "alumni")).address == "#neu:chat.example.org"
    for typed in ("!alumniraum weg", "ja"):
        await cohort.says(typed, **LEADER)
    assert ASKED not in await cohort.clock_strikes("2027-02-09 14:15")


async def test_what_is_private_stays_so(cohort):
    assert await cohort.says("!alumni ja", place="austausch") == (
        "Das geht nur unter vier Augen: bitte mir direkt !alumni schreiben."
    )
    assert "nur für die Lehrgangsleitung" in await cohort.says("!alumniraum", by="tn01")
    assert await cohort.says("!programm", place="alumni") == ""  # several courses meet there
    assert await cohort.says("!alumni", by="tn01") == (
        "Ins Alumni-Netzwerk? Eingetragen ist bisher nein.\n"
        "Mit ja kommt eine Einladung in den Alumni-Raum, und nur dann ziehen Name des Netzwerks "
        "und Angebote mit um.\n"
        "Antwort: ja oder nein"
    )
    assert await cohort.says("!alumni", by="@fremd:chat.example.org") == ""
    async with cohort.sessions() as db:
        assert await db.scalar(select(Room.id).where(Room.kind == "alumni")) is not None
