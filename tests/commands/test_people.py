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


async def test_mentoring_passes_on_the_wish_and_nothing_else(cohort):
    assert await cohort.says("!mentoring Ich habe Streit im Team") == (
        "Mentoring ist freiwillig und vertraulich: ein Einzelgespräch von 45 Minuten.\n"
        "Interesse weitergeben? Ja oder Nein. Worum es geht, bleibt im Gespräch."
    )
    await cohort.says("ja")
    post, answer = sorted(cohort.said[-2:], key=lambda said: "direct" in said.room)
    assert answer.body == (
        "Weitergegeben. Der Terminvorschlag kommt hier im Chat, meist am selben Arbeitstag."
    )
    assert cohort.place_of(post) == ORGA
    assert post.body == (
        "Mentoring gewünscht: Koordination Heidewinkel (Fachkräftenetzwerk Heidewinkel)\n"
        "Bitte weitergeben, vertraulich und ohne Nachfragen.\n"
        "Terminvorschlag: auf diesen Beitrag antworten, ich bringe ihn zurück."
    )
    number = cohort.said.index(post) + 1
    await cohort.says("Fr 9 Uhr?", by="leitung-ihk", place=ORGA, answers=f"$sent{number}")
    back = [said for said in cohort.said if said.body.endswith("Fr 9 Uhr?")]
    assert [said.room for said in back] == [cohort.room("direct", "tn02")]


async def test_mentoring_in_a_room_or_after_a_no_reaches_nobody(cohort):
    assert await cohort.says("!mentoring", place="austausch") == (
        "Das geht nur unter vier Augen: bitte mir direkt !mentoring schreiben."
    )
    await cohort.says("!mentoring")
    assert "es bleibt alles" in await cohort.says("nein")
    assert ORGA not in {cohort.place_of(said) for said in cohort.said}


async def test_a_task_is_done_for_oneself_alone(cohort):
    assert (await cohort.says("!aufgabe")).endswith("\nAbhaken: !erledigt")
    assert await cohort.says("!erledigt") == (
        "Welche Aufgabe ist erledigt?\n"
        "1 – Rollenprofil ausfüllen (Vorlage)\n"
        "2 – Eine eigene Kurzmeldung (max. 900 Zeichen) mitbringen\n"
        "Bitte mit der Zahl antworten."
    )
    assert await cohort.says("1") == (
        "Erledigt: Webinar 2: Rollenprofil ausfüllen (Vorlage)\n"
        "Nur hier vermerkt. Zurück: !erledigt 2"
    )
    assert "Rollenprofil" not in await cohort.says("!aufgabe")
    assert "Rollenprofil" in await cohort.says("!aufgabe", by="tn03")
    assert "Rollenprofil" in await cohort.says("!aufgabe", place="austausch")
    assert (await cohort.says("!aufgabe erledigt")).startswith("Erledigt: Webinar 3")
    assert await cohort.says("!erledigt") == "Zurzeit ist keine Aufgabe offen. Alles dazu: !aufgabe"
    assert (await cohort.says("!erledigt 2")).startswith("Wieder offen: Webinar 2: Rollenprofil")
    assert await cohort.says("!erledigt auftakt 2") == (
        "Zu Auftakt gehört keine Aufgabe. Alle: !aufgabe"
    )
    assert await cohort.says("!erledigt", place="austausch") == (
        "Abhaken geht nur unter vier Augen: bitte mir direkt !erledigt schreiben."
    )


async def test_stop_is_a_command_even_when_something_was_asked(cohort):
    await cohort.says("!mentoring")
    assert (await cohort.says("!stop")).startswith("Gut, keine persönlichen Erinnerungen mehr.")
