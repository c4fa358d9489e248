"""Checking in, signing off and one's own account: short, forgiving, and nobody else's business."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from storage import attendance
from storage.models import Attendance, Base, Person, Rule
from storage.replies import ORGA, TALK

FULL = [f"tn{number:02}" for number in (1, 2, 3, 4, 6, 7, 8, 10, 11, 13)]
"""Who has not missed anything so far."""

PRESENT = "Vermerkt: anwesend um {} Uhr. Viel Freude!\nDie Lehrgangsleitung bestätigt die Liste."
LATE = (
    "Der Check-in war von 09:50 bis 10:30 Uhr offen.\nIch habe der Lehrgangsleitung notiert: "
    "„war da, Check-in vergessen“ (Webinar 3, Mi 25.11.); "
    "sie gleicht es mit der Videokonferenz ab."
)
NOTE = (
    "Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11.: tn02 (Koordination Heidewinkel) war da, "
    "Check-in vergessen."
)
ABSENT = (
    "Notiert: Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11. ohne Teilnahme. "
    "Doch dabei gewesen? Dann: „war da“"
)
ASKED = (
    "Für Mi 25.11. abmelden? Das sind 2 UE.\n"
    "Danach bleiben 6 UE Reserve.\n"
    "Ja oder Nein reicht. Einen Grund brauche ich nicht.\n"
    "Die Folien gibt es danach mit !material."
)
OFF = (
    "Abgemeldet für Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11. "
    "Die Lehrgangsleitung weiß Bescheid.\nDoch dabei? !abmelden zurück"
)


async def entry(chat, person="tn02", key="w3"):
    """Units and state as they are kept; None if nothing is."""
    async with chat.sessions() as db:
        same = (Attendance.person == person, Attendance.meeting == key)
        row = await db.scalar(select(Attendance).where(*same))
        return row and (row.units, row.state)


async def answers(chat, body, now=None, **where):
    """What is said, by place or person."""
    if now is not None:
        chat.at(now)
    before = len(chat.said)
    await chat.says(body, **where)
    return {s.room if s.room[0] == "@" else chat.place_of(s): s.body for s in chat.said[before:]}


async def test_one_word_is_enough(cohort):
    cohort.at("2026-11-25 10:02")
    words = ("!da", "Hier!", "bin da", "anwesend", "ich bin da", "da 👍", "bin jetzt da")
    for word, by in zip(words, FULL, strict=False):
        assert await cohort.says(word, by=by) == PRESENT.format("10:02"), word
        assert await entry(cohort, by) == (2, "selbst")


async def test_the_first_check_in_counts_and_is_never_lost(cohort):
    for now in ("10:30:59", "10:31", "11:20", "15:40"):
        cohort.at(f"2026-11-25 {now}")
        assert await cohort.says("da") == PRESENT.format("10:30")
    assert await entry(cohort) == (2, "selbst")


async def test_the_servers_clock_counts_also_after_an_absence_of_the_bot(cohort):
    cohort.at("2026-11-25 10:05")
    message = cohort.message("!da", backlog=True)
    cohort.at("2026-11-25 14:00")
    await cohort.hears(message)
    assert await entry(cohort) == (2, "selbst")
    assert PRESENT.format("10:05") == await cohort.says("da")


async def test_before_it_opens_it_says_when(cohort):
    cohort.at("2026-11-25 09:49")
    assert await cohort.says("da") == (
        "Gerade ist kein Check-in offen. Der nächste: heute, Mi 25.11., 09:50 bis 10:30 Uhr."
    )
    assert await cohort.says("!da w4") == await cohort.says("da")
    assert await entry(cohort) is None
    cohort.at("2026-11-25 09:57")
    assert await cohort.says("!da letzte Woche") == (
        "Dafür ist kein Check-in offen. Für Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11. ist er "
        "es: !da"
    )
    assert await entry(cohort) is None


async def test_who_comes_late_gets_the_rest_and_may_say_more(cohort):
    said = await answers(cohort, "da", "2026-11-25 10:50")
    assert said["direct-tn02"] == (
        "Der Check-in war von 09:50 bis 10:30 Uhr offen.\n"
        "Vermerkt: anwesend um 10:50 Uhr, das sind anteilig 1 von 2 UE. "
        "Die Lehrgangsleitung weiß Bescheid; sie gleicht es mit der Videokonferenz ab."
    )
    assert said[ORGA] == (
        "Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11.: tn02 (Koordination Heidewinkel) "
        "ist seit 10:50 Uhr da, 1 von 2 UE."
    )
    assert await entry(cohort) == (1, "selbst")
    assert (await answers(cohort, "war da"))[ORGA] == NOTE
    assert await entry(cohort) == (2, "selbst")


async def test_forgotten_check_ins_are_noted_for_the_organisers(cohort):
    words = ("war da", "!da", "ich war doch da", "Check-in vergessen")
    for word, by in zip(words, FULL, strict=False):
        said = await answers(cohort, word, "2026-11-25 15:40", by=by)
        assert (said.pop(f"direct-{by}"), by in said.pop(ORGA), said) == (LATE, True, {}), word
        assert await answers(cohort, word, by=by) == {f"direct-{by}": LATE}
        assert await entry(cohort, by) == (2, "selbst")
    assert NOTE in [said.body for said in cohort.said]


async def test_who_was_not_there_may_say_so_without_a_reason(cohort):
    words = ("war nicht da", "war leider nicht da", "ich war gestern krank")
    for word, by in zip(words, FULL, strict=False):
        said = await answers(cohort, word, "2026-11-26 08:00", by=by)
        assert said == {f"direct-{by}": ABSENT}, word
        assert await entry(cohort, by) == (0, "selbst")
    assert "war da, Check-in vergessen." in (await answers(cohort, "war da", by=by))[ORGA]


async def test_two_days_can_be_told_apart(cohort):
    async with cohort.sessions.begin() as db:
        await db.execute(text("DELETE FROM attendance"))
    cohort.at("2026-11-03 18:00")
    assert "(Auftakt, Di 03.11.)" in await cohort.says("war da")
    assert "(Auftakt, Mo 02.11.)" in await cohort.says("war da")
    assert "Auftakt Tag 1, Mo 02.11. ohne" in await cohort.says("!da auftakt tag 1 nicht")


async def test_what_is_settled_is_only_told(cohort):
    cohort.at("2026-11-19 08:00")
    assert await cohort.says("war nicht da") == (
        "Webinar 2 (Rollen der Netzwerkkoordination), Mi 18.11. ist schon bestätigt: "
        "2 von 2 UE. Stimmt das nicht? !orga"
    )


async def test_a_room_hears_nothing_but_that_it_has_arrived(cohort):
    assert await answers(cohort, "!da", "2026-11-25 10:02", place=TALK) == {TALK: "👍"}
    said = await answers(cohort, "!da nicht", "2026-11-25 15:40", place=TALK)
    assert said == {TALK: "👍", "@tn02:chat.example.org": ABSENT}
    said = await answers(cohort, "!anwesenheit", by="tn09", place=TALK)
    assert said[TALK] == "Das schicke ich direkt, hier im Raum stehen keine Zahlen."
    assert "18 von bisher 20 UE" in said["@tn09:chat.example.org"]


async def test_only_participants_check_in_and_sign_off(cohort):
    cohort.at("2026-11-25 10:02")
    for by in ("leitung-ihk", "leitung-stiftung"):
        assert await cohort.says("da", by=by) == (
            "Der Check-in ist für die Teilnehmenden. Fragen: !orga"
        )
        assert await cohort.says("!abmelden", by=by) == (
            "Abmelden können sich nur die Teilnehmenden. Fragen: !orga"
        )


async def test_without_a_rule_there_is_no_check_in(cohort):
    async with cohort.sessions.begin() as db:
        (rule,) = await db.scalars(select(Rule).where(Rule.key == "gleich"))
        rule.checkin_until = None
    assert await cohort.says("da") == "In diesem Kurs gibt es keinen Check-in. Fragen: !orga"


async def test_signing_off_needs_a_yes_and_no_reason(cohort):
    words = ("!abmelden", "!absagen", "Bin morgen krank", "kann Mittwoch nicht", "!abmelden w3")
    for word, by in zip(words, FULL, strict=False):
        assert await answers(cohort, word, by=by) == {f"direct-{by}": ASKED}, word
        assert await entry(cohort, by) is None
        said = await answers(cohort, "ja", by=by)
        note = f"Abmeldung für Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11.: {by} (Koordination "
        assert said.pop(ORGA).startswith(note)
        assert said == {f"direct-{by}": OFF}
        assert await entry(cohort, by) == (0, "abgemeldet")


async def test_it_can_be_taken_back(cohort):
    for words in ("!abmelden zurück", "bin doch dabei", "!doch dabei", "komme doch"):
        await cohort.says("!abmelden 2.12.")
        await cohort.says("ja")
        assert await entry(cohort, key="w4") == (0, "abgemeldet")
        again = await cohort.says("!anmelden w4")
        assert again.startswith("Die Abmeldung für Mi 02.12. ist vermerkt."), again
        assert (await answers(cohort, words)) == {
            "direct-tn02": (
                "Schön, die Abmeldung für Webinar 4 (Tools für die tägliche Arbeit), "
                "Mi 02.12. ist zurückgenommen."
            ),
            ORGA: (
                "Doch dabei, Webinar 4 (Tools für die tägliche Arbeit), Mi 02.12.: "
                "tn02 (Koordination Heidewinkel)"
            ),
        }, words
        assert await entry(cohort, key="w4") is None
        assert (await cohort.says(words)).startswith("Dafür gibt es keine Abmeldung.")
        cohort.now += timedelta(minutes=2)


async def test_no_is_no(cohort):
    await cohort.says("!abmelden")
    assert await cohort.says("nein") == "In Ordnung, es bleibt alles, wie es ist."
    assert await entry(cohort) is None


async def test_i_will_not_come_after_all_is_no_taking_back(cohort):
    for words in ("ich komme doch nicht", "bin doch nicht dabei", "kann doch nicht teilnehmen"):
        assert await cohort.says(words) == ASKED


async def test_odd_dates(cohort):
    for words, answer in (
        ("!abmelden 18.11.", "Webinar 2 (Rollen der Netzwerkkoordination), Mi 18.11. ist schon"),
        ("!abmelden Mittwoch den 9.", "Für Mi 09.12. abmelden?"),
        ("!abmelden wegen Grippe", "Für Mi 25.11. abmelden?"),
        ("!abmelden " + "x" * 5_000, "Für Mi 25.11. abmelden?"),
        ("!abmelden abschluss", "„abschluss“ passt zu zwei Terminen:"),
        ("2", "Für Di 09.02. abmelden? Das sind 4 UE."),
    ):
        assert (await cohort.says(words)).startswith(answer), words


async def test_a_date_that_fits_nothing_is_not_taken_for_the_next_one(cohort):
    for words in ("99", "w99", "31.12.", "Mittwoch den 10.", "Mi 3.12.", "Webinar 12", "Freitag"):
        assert await cohort.says(f"!abmelden {words}") == (
            "Dazu finde ich keinen Termin. Für den nächsten: !abmelden\n"
            "Für einen anderen: !abmelden Mi 02.12."
        ), words


async def test_in_a_room_the_question_is_whispered_and_answered_there(cohort):
    said = await answers(cohort, "!abmelden", place=TALK)
    assert said == {
        TALK: "Das kläre ich direkt, hier im Raum steht davon nichts.",
        "@tn02:chat.example.org": ASKED,
    }
    assert await cohort.says("ja", place=TALK) == ""
    assert (await answers(cohort, "ja"))["direct-tn02"] == OFF


async def test_who_has_no_reserve_hears_it_before_and_the_organisers_too(cohort, change):
    await change(Person, "tn16", mxid="@tn16:chat.example.org")
    assert "nicht mehr erreichbar. !orga" in await cohort.says("!abmelden", by="tn16")
    assert "36 UE sind damit nicht mehr erreichbar." in await cohort.says("ja", by="tn16")


@pytest.mark.parametrize("place", ["direct", TALK])
async def test_a_reason_is_kept_nowhere(cohort, caplog, place):
    caplog.set_level(logging.DEBUG)
    cohort.at("2026-11-25 15:40")
    for words, by in zip(
        (
            "bin morgen nicht da, Grippe",
            "!abmelden morgen Grippe",
            "!abmleden Grippe",
            "!abmldn Grippe",
            "!absgen wegen Grippe, mittwoch",
            "muss mich abmelden: Grippe",
            "Ich habe Grippe und kann nicht kommen",
            "war nicht da wegen Grippe",
            "!da nicht Grippe",
        ),
        FULL,
        strict=False,
    ):
        await cohort.says(words, by=by, place=place)
        await cohort.says("ja", by=by, place=place)
        await cohort.says("ja", by=by)
    async with cohort.sessions() as db:
        rows = [await db.execute(select(table)) for table in Base.metadata.tables.values()]
        stored = "\n".join(str(row) for result in rows for row in result)
    heard = "\n".join(str(said) for said in cohort.said)
    assert "abgemeldet" in stored
    assert "grippe" not in f"{stored}{heard}{caplog.text}".lower()


async def test_the_account_tells_confirmed_from_reported(cohort):
    assert await cohort.says("!anwesenheit", by="tn05") == (
        "Zwischenstand, nur hier und für die Lehrgangsleitung\n"
        "Besucht: 16 von bisher 20 UE\n"
        "Nötig fürs Zertifikat: 36 von 44 UE (80 Prozent)\n"
        "Reserve: noch 4 UE, also 2 Webinare\n"
        "Erreichbar: ja, bis zu 40 UE\n"
        "Gefehlt: Auftakt Tag 2 (Di 03.11.)\n"
        "Es zählt die Zeit in UE, nicht die Zahl der Termine: !zertifikat\n"
        "Verbindlich ist die Liste der IHK. Fragen: !orga"
    )
    cohort.at("2026-11-25 10:02")
    await cohort.says("da", by="tn05")
    await cohort.says("!abmelden w4", by="tn05")
    await cohort.says("ja", by="tn05")
    assert await cohort.says("!anwesenheit", by="tn05") == (
        "Zwischenstand, nur hier und für die Lehrgangsleitung\n"
        "Besucht: 16 von bisher 20 UE\n"
        "Dazu selbst gemeldet, noch nicht bestätigt: 2 UE\n"
        "Nötig fürs Zertifikat: 36 von 44 UE (80 Prozent)\n"
        "Reserve: noch 4 UE, also 2 Webinare\n"
        "Erreichbar: ja, bis zu 38 UE, gemeldete Fehlzeit abgezogen (Rest 2 UE)\n"
        "Gefehlt: Auftakt Tag 2 (Di 03.11.)\n"
        "Abgemeldet oder nicht dabei: Tools für die tägliche Arbeit (Mi 02.12.)\n"
        "Es zählt die Zeit in UE, nicht die Zahl der Termine: !zertifikat\n"
        "Verbindlich ist die Liste der IHK. Fragen: !orga"
    )
    assert await cohort.says("!anwesenheit", by="leitung-ihk") == (
        "Einen Zwischenstand gibt es nur für Teilnehmende. Fragen: !orga"
    )


async def test_the_base_shrinks_with_a_cancelled_date(cohort, change):
    await change(key="w6", cancelled=True)
    assert "34 von 42 UE" in await cohort.says("!anwesenheit", by="tn09")


async def test_organisers_settle_it(cohort):
    cohort.at("2026-11-25 10:02")
    await cohort.says("da", by="tn05")
    async with cohort.sessions.begin() as db:
        facts = {"course_id": cohort.course.id, "person": "tn05", "meeting": "w3"}
        await attendance.confirm(db, Attendance(**facts, units=1, by="@x:y", at=cohort.now))
    assert "17 von bisher 22 UE" in await cohort.says("!anwesenheit", by="tn05")
    assert "schon bestätigt: 1 von 2 UE" in await cohort.says("da", by="tn05")
