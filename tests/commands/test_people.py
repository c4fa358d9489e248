"""What concerns a single person: questions to organisers, groups, attendance."""

from sqlalchemy import update

from storage.models import Room
from storage.replies import ORGA


async def test_a_question_reaches_the_organisers(cohort):
    await cohort.says("!orga Ich komme **nicht** in die\nVideokonferenz", place="austausch")
    here, there = cohort.said[-2:]
    if cohort.place_of(here) == ORGA:
        here, there = there, here
    assert here.body == (
        "Ist bei der Lehrgangsleitung angekommen. "
        "Antwort kommt hier im Chat, meist am selben Arbeitstag."
    )
    assert cohort.place_of(there) == ORGA
    assert there.content["msgtype"] == "m.text"
    assert there.body == (
        "Frage von Koordination Heidewinkel (Fachkräftenetzwerk Heidewinkel)\n"
        "„Ich komme *nicht* in die Videokonferenz“\n"
        "Antworten: auf diesen Beitrag antworten, ich bringe es zurück."
    )


async def test_orga_alone_explains_itself(cohort):
    assert await cohort.says("!orga") == (
        "Ich gebe Fragen an die Lehrgangsleitung weiter, so geht es:\n"
        "!orga Darf ich früher gehen?\n"
        "Die Antwort kommt hier im Chat."
    )
    assert len(cohort.said) == 1


async def test_without_their_room_nothing_is_promised(cohort):
    async with cohort.sessions.begin() as db:
        await db.execute(update(Room).where(Room.kind == ORGA).values(room_id=None))
    assert await cohort.says("!orga Wo parke ich?") == (
        "Das kann ich noch nicht weitergeben, mir fehlt der Raum der Leitung."
    )


async def test_a_very_long_question_says_what_was_passed_on(cohort):
    await cohort.says("!orga " + "Wort " * 5_000)
    answer = next(said.body for said in cohort.said if cohort.place_of(said) != ORGA)
    assert answer.endswith("Weitergegeben sind die ersten 1000 Zeichen.")


async def test_groups_by_number_and_for_organisers(cohort):
    assert await cohort.says("!gruppe 3") == (
        "Projektgruppe 3: Laterale Führung\n"
        "Mit: Hafenbogen, Kohlenufer, Neckarhöhe, Panke & Spree\n"
        "Abgabe: Fr 05.02., 12:00 Uhr\n"
        "Präsentation: Mo 08.02. (15 Minuten)\n"
        "Werkstatt: Mi 27.01."
    )
    assert await cohort.says("!projekt", by="leitung-ihk", place="orga") == (
        "Projektgruppen\n"
        "Gruppe 1: Verstetigung\n"
        "Gruppe 2: Angebote und Zielgruppen\n"
        "Gruppe 3: Laterale Führung\n"
        "Gruppe 4: Community Management\n"
        "Wer dabei ist: !gruppe 1\n"
        "Abgabe: Fr 05.02., 12:00 Uhr\n"
        "Präsentation: Mo 08.02. (15 Minuten)\n"
        "Werkstatt: Mi 27.01."
    )


async def test_a_course_that_records(cohort, change):
    async with cohort.sessions.begin() as db:
        course = await db.get(type(cohort.course), cohort.course.id)
        course.recording = "ja_mit_frist"
    assert await cohort.says("!aufzeichnung") == (
        "Aufgezeichnet wird nur mit Einwilligung aller, und nur für begrenzte Zeit.\n"
        "Was es gerade gibt, sagt die Lehrgangsleitung: !orga\n"
        "Folien und Aufgaben: !material"
    )
