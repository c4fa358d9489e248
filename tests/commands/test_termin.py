"""What a meeting is about, who leads it, how one gets in, and meetings that come in addition."""

import itertools
from datetime import timedelta
from pathlib import Path

import bot
from storage.replies import ORGA

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
LEADER = {"by": "leitung-ihk", "place": ORGA}
ASKS = "ja, ja ohne Ansage, 14:00 – später, nein"


async def leads(chat, *texts):
    """What the last of these texts of an organiser is answered with."""
    answers = [await chat.says(text, **LEADER) for text in texts]
    return answers[-1]


async def test_another_topic(cohort):
    assert await leads(cohort, "!thema w5 Angebote **gemeinsam** planen") == (
        "Thema von Webinar 5 (Mi 09.12.) ändern?\n"
        "bisher: Angebotsentwicklung im Netzwerk\n"
        "neu: Angebote *gemeinsam* planen\n"
        "Wer es leitet, bleibt. Ändern: !referent w5 …\n"
        f"{ASKS}"
    )
    assert await leads(cohort, "ja") == (
        "Programmänderung: Webinar 5 (Mi 09.12.)\n"
        "bisher: Angebotsentwicklung im Netzwerk\n"
        "neu: Angebote *gemeinsam* planen\n"
        "Geändert: Webinar 5 (Mi 09.12.) – Angebote *gemeinsam* planen\n"
        "Die Ansage steht im Raum Ankündigungen."
    )
    assert await cohort.imports(SAMPLE.read_bytes()) == []
    assert "Mi 09.12. – Angebote *gemeinsam* planen" in await cohort.says("!programm")
    assert await leads(cohort, "!thema w7 Etwas") == (
        "Das Thema von Webinar 7 (Mi 13.01.) wird gewählt. Entscheiden: !platz A …"
    )
    assert (await cohort.says("!thema w5 Unsinn")).startswith("Vier Wahlthemen")


async def test_somebody_else_leads(cohort):
    assert await leads(cohort, "!referent 5") == (
        "Webinar 5 (Mi 09.12.): Referent/in Angebotsentwicklung\n"
        "Ändern: !referent w5 und dann die Rolle"
    )
    assert (await leads(cohort, "!referent w5 Digitale, mentoring")).splitlines()[2] == (
        "neu: Referent/in Digitale Werkzeuge, Trainer/in Mentoring (freiwilliges Einzelgespräch)"
    )
    await leads(cohort, "ja ohne Ansage")
    assert "Digitale Werkzeuge" in await cohort.says("!referent 5")
    assert await cohort.imports(SAMPLE.read_bytes()) == []
    assert "Webinar 5: wie vorher Leitung\n" in await leads(cohort, "!rueckgaengig")
    await leads(cohort, "ja")
    assert "Referent/in Angebotsentwicklung" in await cohort.says("!referent 5")
    assert (await leads(cohort, "!referent w5 Otto")).startswith("„Otto“ ist keine Rolle")


async def test_a_task_with_a_deadline_and_without(cohort):
    said = await leads(cohort, "!aufgabe w5 Angebot skizzieren bis Di 8.12. 18:00")
    assert said.splitlines()[:2] == [
        "Aufgabe zu Webinar 5 (Mi 09.12.)?",
        "neu: Angebot skizzieren (bis Di 08.12., 18:00 Uhr)",
    ]
    await leads(cohort, "ja ohne Ansage")
    assert "Bis Di 08.12., 18:00 Uhr" in await cohort.says("!aufgabe 5")
    await leads(cohort, "!aufgabe w5 Angebot bis zum Ende denken", "ja ohne Ansage")
    assert "Angebot bis zum Ende denken" in await cohort.says("!aufgabe 5")
    await leads(cohort, "!aufgabe w5 keine", "ja")
    assert "gehört keine Aufgabe" in await cohort.says("!aufgabe 5")


NEW = "!neuerlink w3 https://video.example.org/neu 99"


async def test_another_way_in(cohort):
    assert await leads(cohort, NEW) == (
        "Neuer Zugang für Webinar 3 (Mi 25.11.)?\n"
        "https://video.example.org/neu\n"
        "Kenncode: 99\n"
        "Einwahl per Telefon entfällt; behalten: | Nummer\n"
        "ja oder nein"
    )
    assert await leads(cohort, "ja") == (
        "Neuer Zugang für Webinar 3 (Mi 25.11.) ist eingetragen, !link zeigt ihn.\n"
        "Alle bekommen ihn wie geplant vor dem Termin. Zurücknehmen: !rueckgaengig"
    )
    assert "https://video.example.org/neu\nKenncode: 99" in await cohort.says("!link")
    assert (await leads(cohort, "!neuerlink w3 javascript:alert(1)")).startswith("Die Adresse")


async def test_another_way_in_ten_minutes_before(cohort):
    await cohort.clock_strikes("2026-11-25 09:45")
    cohort.at("2026-11-25 09:50")
    assert "Der alte ist schon angesagt: Alle bekommen den neuen sofort." in await leads(
        cohort, f"{NEW} | 0800 1"
    )
    assert (await leads(cohort, "ja")).startswith(
        "Neuer Zugang: Webinar 3 (Mi 25.11.), 10:00 Uhr\n"
        "https://video.example.org/neu\n"
        "Kenncode: 99\n"
        "Per Telefon: 0800 1\n"
    )


async def test_a_meeting_in_addition_and_away_again(cohort):
    assert await leads(cohort, "!termin neu Do 17.12. 16:00 bis 17:00 Offene Sprechstunde") == (
        "Neuer Termin t1? Do 17.12., 16:00 bis 17:00 Uhr\n"
        "Offene Sprechstunde\n"
        "Freiwillig: zählt nicht für die Präsenzzeit.\n"
        "Ansage an 16 Personen. Zugang: !neuerlink t1 …\n"
        f"{ASKS}"
    )
    assert await leads(cohort, "ja") == (
        "Neuer Termin: Do 17.12., 16:00 bis 17:00 Uhr\n"
        "Offene Sprechstunde\n"
        "Neu: !kalender\n"
        "Termin t1: Die Ansage steht im Raum Ankündigungen."
    )
    assert await cohort.imports(SAMPLE.read_bytes()) == []
    assert "Do 17.12. – Offene Sprechstunde" in await cohort.says("!programm alle")
    assert (await leads(cohort, "!termin weg w5")).startswith("Streichen kann ich nur")
    assert await leads(cohort, "!termin weg t1", "ja ohne Ansage") == (
        "Gestrichen: Ohne Ansage. Zurücknehmen: !rueckgaengig"
    )
    assert "Sprechstunde" not in await cohort.says("!programm alle")
    assert "t1: kommt wieder dazu" in await leads(cohort, "!rueckgaengig")
    await leads(cohort, "ja")
    assert "Do 17.12. – Offene Sprechstunde" in await cohort.says("!programm alle")


async def test_what_makes_no_sense_changes_nothing(cohort):
    for text in ("", " neu", " neu Unsinn", " neu gestern Thema", " x y"):
        cohort.now += timedelta(minutes=1)
        assert ":" in await leads(cohort, f"!termin{text}")
        assert await leads(cohort, "ja") == ""


HOSTILE = (
    "w5 \ud800<b>@room</b> **1.** %s",
    "w5 " + "ä\u0300🦕" * 3_000,
    "w5 0:00 bis 23:59",
    "ja",
)


WORDS = ("verschieben", "absagen", "tauschen", "thema", "referent", "aufgabe", "termin neu")


async def test_whatever_is_typed_is_data(cohort):
    for word, behind in itertools.product(WORDS, HOSTILE):
        cohort.now += timedelta(minutes=1)
        said = await leads(cohort, f"!{word} {behind}")
        assert 0 < len(said) <= 600
        assert len(said.splitlines()) <= 12
        assert "schiefgegangen" not in said + await leads(cohort, "ja ohne Ansage")
    assert all(said.content.get("m.mentions") == {} for said in cohort.said)


async def test_an_organiser_of_no_place_may_do_nothing(cohort):
    for text in ("!verschieben w4 3.12.", "!tauschen w4 w5", "!neuerlink w4 https://a.example"):
        for place in ("direct", "austausch", "ankuendigungen"):
            said = await cohort.says(text, by="leitung-ihk", place=place)
            assert said.startswith("Diesen Befehl gibt es nur für die Lehrgangsleitung")
