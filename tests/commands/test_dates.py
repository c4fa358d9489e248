"""What people hear about dates before, during and after the course."""

from datetime import date, time

import pytest
from sqlalchemy import delete

from storage.models import Meeting

OVER = "Es ist kein weiterer Termin geplant."


async def test_before_the_start_the_kick_off_is_one_entry(cohort):
    cohort.at("2026-10-20 12:00")
    assert await cohort.says("!programm") == (
        "Nächste Termine (mittwochs, 10:00 bis 11:30 Uhr)\n"
        "Mo 02.11. und Di 03.11. – Auftakt (09:00 Uhr)\n"
        "Mi 11.11. – Organisationsform des Netzwerks\n"
        "Mi 18.11. – Rollen der Netzwerkkoordination\n"
        "Mi 25.11. – Öffentlichkeitsarbeit\n"
        "Mi 02.12. – Tools für die tägliche Arbeit\n"
        "Alle Termine: !programm alle\n"
        "In den Kalender: !kalender"
    )
    assert await cohort.says("!heute") == (
        "Heute (Di 20.10.) ist kein Webinar.\nNächster Termin: Mo 02.11., 09:00 Uhr, Auftakt Tag 1."
    )


async def test_a_month_and_a_polite_word(cohort):
    assert (await cohort.says("!programm Dezember bitte")).splitlines() == [
        "„Dezember“ passt zu drei Terminen:",
        "1 – Mi 02.12. Tools für die tägliche Arbeit",
        "2 – Mi 09.12. Angebotsentwicklung im Netzwerk",
        "3 – Mi 16.12. Qualitätssicherung im Netzwerk",
        "Bitte mit der Zahl antworten.",
    ]
    assert await cohort.says("Programm bitte!!") == await cohort.says("!programm")


async def test_the_whole_programme_turns_its_pages(cohort):
    cohort.at("2026-10-20 12:00")
    assert (await cohort.says("!programm alle")).splitlines()[-2:] == [
        "Mi 20.01. – Wahlthema B (offen)",
        "Weiter: !mehr",
    ]
    assert await cohort.says("!mehr") == (
        "Programm (mittwochs, 10:00 bis 11:30 Uhr)\n"
        "Mi 27.01. – Projektwerkstatt\n"
        "Mi 03.02. – Bilanz\n"
        "Mo 08.02. und Di 09.02. – Abschluss (13:00 und 09:00 Uhr)"
    )


async def test_during_a_webinar_it_is_the_current_one(cohort):
    cohort.at("2026-11-25 10:05")
    assert await cohort.says("!nächstes") == (
        "Läuft gerade: Webinar 3, noch bis 11:30 Uhr\n"
        "Thema: Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Zugang: !link"
    )
    assert await cohort.says("!heute") == (
        "Heute, Mi 25.11., 10:00 bis 11:30 Uhr\n"
        "Webinar 3: Öffentlichkeitsarbeit: Tipps und Tricks. Zugang: !link\n"
        "Nächster Termin: Mi 02.12., 10:00 Uhr, Tools für die tägliche Arbeit."
    )


@pytest.mark.parametrize(
    ("now", "webinar"),
    [
        ("2026-11-25 09:45", "Webinar 3"),
        ("2026-11-25 11:29", "Webinar 3"),
        ("2026-11-25 11:30", "Webinar 4"),
        ("2026-11-25 18:00", "Webinar 4"),
    ],
)
async def test_the_link_stays_until_the_end(cohort, now, webinar):
    cohort.at(now)
    assert (await cohort.says("!link", place="austausch")).startswith(f"{webinar} (")


async def test_in_the_winter_break(cohort):
    cohort.at("2026-12-22 10:00")
    assert await cohort.says("!programm") == (
        "Nächste Termine (mittwochs, 10:00 bis 11:30 Uhr)\n"
        "Winterpause bis 08.01.\n"
        "Mi 13.01. – Wahlthema A (offen)\n"
        "Mi 20.01. – Wahlthema B (offen)\n"
        "Mi 27.01. – Projektwerkstatt\n"
        "Mi 03.02. – Bilanz\n"
        "Alle Termine: !programm alle\n"
        "In den Kalender: !kalender"
    )
    assert await cohort.says("!heute") == (
        "Heute (Di 22.12.) ist kein Webinar.\n"
        "Winterpause bis Fr 08.01.\n"
        "Nächster Termin: Mi 13.01., 10:00 Uhr, Wahlthema A."
    )


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("!programm", "Alle Termine sind vorbei. Zum Nachlesen: !programm alle"),
        ("!nächstes", f"{OVER} Was war: !programm alle"),
        ("!heute", f"Heute (Mo 01.03.) ist kein Webinar.\n{OVER}"),
        (
            "!link",
            "Es ist kein weiterer Termin geplant, deshalb gibt es keinen Zugang. Fragen: !orga",
        ),
        ("!aufgabe", "Zurzeit ist keine Aufgabe offen."),
        ("!referent", f"{OVER} Ein früherer: !referent 1"),
    ],
)
async def test_after_the_end(cohort, command, answer):
    cohort.at("2027-03-01 10:00")
    assert await cohort.says(command) == answer


async def test_a_cancelled_date_is_said_everywhere(cohort, change):
    await change(key="w3", cancelled=True)
    cohort.at("2026-11-25 09:50")
    assert "Mi 25.11. – Öffentlichkeitsarbeit (entfällt)" in await cohort.says("!programm")
    assert await cohort.says("!heute") == (
        "Heute, Mi 25.11., entfällt Webinar 3: Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Nächster Termin: Mi 02.12., 10:00 Uhr, Tools für die tägliche Arbeit."
    )
    assert await cohort.says("!link") == (
        "Webinar 3 heute, Mi 25.11., entfällt. Als Nächstes:\n"
        "Webinar 4 (Tools für die tägliche Arbeit): Mi 02.12., 10:00 Uhr\n"
        "https://video.example.org/nk2/w4\n"
        "Kenncode: 4711\n"
        "Per Telefon: 0800 0000000, dann 4711#\n"
        "Klappt nicht? !orga technik"
    )
    assert await cohort.says("!link 3") == (
        "Webinar 3 (Öffentlichkeitsarbeit): heute, Mi 25.11., 10:00 Uhr, entfällt.\n"
        "Die nächsten Termine: !programm"
    )
    assert await cohort.says("!programm 3") == (
        "Webinar 3: Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Dieser Termin entfällt.\n"
        "Mi 25.11., 10:00 bis 11:30 Uhr (2 UE)\n"
        "Mit: Referent/in Öffentlichkeitsarbeit"
    )
    assert "34 von 42 UE" in await cohort.says("!zertifikat")


async def test_a_moved_date_shows_its_own_day_and_time(cohort, change):
    await change(key="w4", day=date(2026, 12, 3), starts=time(14), ends=time(15, 30), link="")
    await change(key="w4", phone="")
    cohort.at("2026-11-30 08:00")
    assert "Do 03.12. – Tools für die tägliche Arbeit (14:00 Uhr)" in await cohort.says("!programm")
    assert await cohort.says("!link") == (
        "Webinar 4 (Tools für die tägliche Arbeit): Do 03.12., 14:00 Uhr\n"
        "Der Zugang ist noch nicht hinterlegt. Bitte kurz vorher noch einmal: !link\n"
        "Eilig? !orga technik"
    )


async def test_several_dates_are_a_choice(cohort):
    assert await cohort.says("!programm auftakt") == (
        "„auftakt“ passt zu zwei Terminen:\n"
        "1 – Mo 02.11. Auftakt Tag 1: Ankommen, Kennenlernen, 16 Netzwer…\n"
        "2 – Di 03.11. Auftakt Tag 2: Erster Austausch, Projektgruppen,…\n"
        "Bitte mit der Zahl antworten."
    )
    assert await cohort.says("2") == (
        "Auftakt Tag 2: Erster Austausch, Projektgruppen, Fahrplan\n"
        "Di 03.11., 09:00 bis 16:30 Uhr (8 UE)\n"
        "Mit: Lehrgangsleitung (IHK), Lehrgangsleitung (Stiftung), "
        "Referent/in Netzwerkorganisation"
    )


@pytest.mark.parametrize("command", ["!programm", "!material", "!aufgabe", "!referent"])
async def test_a_date_that_does_not_exist_is_said_so(cohort, command):
    answer = await cohort.says(f"{command} 99")
    assert answer.startswith("„99“ passt zu keinem Termin.")


async def test_an_unfilled_slot_has_no_speaker_yet(cohort):
    assert await cohort.says("!referent 7") == (
        "Für Webinar 7 (Mi 13.01.) ist noch niemand eingetragen.\nDas Thema wird gewählt: !themen"
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("könnt ihr mir die folien schicken?", "Material zuletzt: Rollen der Netzwerkkoordination"),
        ("gibt es schon folien?", "Material zuletzt: Rollen der Netzwerkkoordination"),
        ("wo ist das skript zur organisationsform?", "Material: Organisationsform des Netzwerks"),
        ("!material w1", "Material: Organisationsform des Netzwerks"),
        ("!material 5", "Webinar 5 (Angebotsentwicklung im Netzwerk) ist erst"),
        ("!material quatsch", "„quatsch“ passt zu keinem Termin."),
    ],
)
async def test_materials_are_found_from_a_sentence(cohort, text, first):
    assert (await cohort.says(text)).startswith(first)


async def test_without_dates_everything_says_so(cohort):
    async with cohort.sessions.begin() as db:
        await db.execute(delete(Meeting))
    for command in ("!programm", "!programm alle", "!kalender"):
        assert await cohort.says(command) == "Es sind noch keine Termine eingetragen. Fragen: !orga"
    assert await cohort.says("!material") == (
        "Es liegt noch kein Material bereit. Ich melde mich, sobald es da ist."
    )
