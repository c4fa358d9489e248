"""The model dialogues: every spelling reaches its command, and every fact is in the answer."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

import bot

DATA = Path(__file__).with_name("data")
SAMPLE = Path(bot.__file__).with_name("sample_course.toml").read_text("utf-8")
DIALOGUES = tomllib.loads((DATA / "dialoge.toml").read_text("utf-8"))
STANDARD = DIALOGUES["standard"]
ACCOUNTS = {"leitung": "leitung-ihk"}
VOTED = {"stand": 12, "admin-umfrage-ende": 14}  # how many have voted when the dialogue begins
PLACES = {"dm": "direct", "raum": "austausch", "orga": "orga"}

# What each answer must say, whatever its wording; what starts with "-" it must not say.
FACTS = {
    "hilfe": (
        "Ich bin der Kursbot und antworte automatisch",
        "!programm – Termine und Themen",
        "!link – Zugang zum Webinar",
        "!material – Folien und Aufgaben",
        "!netzwerke – wer ist dabei",
        "!suche Eltern – wer hilft wobei",
        "!themen – Wahlthemen und Abstimmung",
        "!orga – Frage an die Lehrgangsleitung",
        "!hilfe alle",
    ),
    "programm": (
        "mittwochs, 10:00 bis 11:30 Uhr",
        "Mi 25.11. – Öffentlichkeitsarbeit",
        "Mi 02.12. – Tools für die tägliche Arbeit",
        "Mi 09.12. – Angebotsentwicklung",
        "Mi 16.12. – Qualitätssicherung",
        "Winterpause vom 21.12. bis 08.01.",
        "!programm alle",
        "!kalender",
    ),
    "programm-alle": (
        "Erledigt: Auftakt, Organisationsform",
        "Rollen",
        "Mi 25.11. – Öffentlichkeitsarbeit",
        "Mi 02.12. – Tools",
        "Mi 09.12. – Angebotsentwicklung",
        "Mi 16.12. – Qualitätssicherung",
        "Mi 13.01. – Wahlthema A (offen)",
        "Mi 20.01. – Wahlthema B (offen)",
        "Mi 27.01. – Projektwerkstatt",
        "Mi 03.02. – Bilanz",
        "Mo 08.02. und Di 09.02. – Abschluss",
    ),
    "programm-nummer": (
        "Webinar 5: Angebotsentwicklung im Netzwerk",
        "Mi 09.12., 10:00 bis 11:30 Uhr (2 UE)",
        "Referent/in Angebotsentwicklung",
        "Welches Angebot fehlt in Ihrer Region am meisten?",
        "Material folgt nach dem Webinar",
    ),
    "naechstes": (
        "Nächstes Webinar: morgen, Mi 25.11., 10:00 Uhr",
        "Öffentlichkeitsarbeit: Tipps und Tricks",
        "Kurzmeldung (max. 900 Zeichen)",
        "!link",
    ),
    "heute-nein": (
        "Heute (Di 24.11.) ist kein Webinar",
        "morgen, Mi 25.11., 10:00 Uhr, Öffentlichkeitsarbeit",
    ),
    "link": (
        "Öffentlichkeitsarbeit",
        "heute, Mi 25.11., 10:00 Uhr",
        "https://video.example.org/nk2/w3",
        "Kenncode: 4711",
        "0800 0000000, dann 4711#",
        "!orga technik",
    ),
    "netzwerke": (
        "16 Netzwerke im Kurs",
        "10 MINT-Netzwerke, 6 Fachkräftenetzwerke",
        "!netzwerke ländlich, !netzwerke Niedersachsen, !netzwerke Hochschule",
        "!netzwerke liste",
        "!netzwerk Wattkante",
        "!suche Eltern",
    ),
    "netzwerke-laendlich": (
        "10 Netzwerke in ländlichen Gebieten (1 bis 5)",
        "Bergland-Süd, Nordrhein-Westfalen\nElbaue, Sachsen-Anhalt\nErzwinkel, Sachsen\n"
        "Granitland, Bayern\nHeidesand, Brandenburg",
        "!mehr",
    ),
    "netzwerk-mehrdeutig": (
        "1 – Heidewinkel (Niedersachsen)\n2 – Heidesand (Brandenburg)",
        "mit der Zahl antworten",
    ),
    "netzwerk": (
        "MINT-Region Wattkante (Niedersachsen)",
        "Ländlich, strukturschwach, seit 2017",
        "Träger: Wirtschaftsförderung eines Küstenlandkreises",
        "Partner: 14 Unternehmen, 18 Schulen, 6 Kitas und weitere",
        "MINT-Mobil, Experimentierkisten, Lernorte mit Feuerwehr und Schwimmverein",
        "Honorarkräfte",
        "Verstetigung der Personalstelle",
        "Koordination Wattkante",
    ),
    "suche-treffer": (
        "MINT-Mobil bieten 2 Netzwerke",
        "Wattkante (Niedersachsen)",
        "Neckarhöhe (Baden-Württemberg)",
        "Das suchen auch: Seenplatte Ost",
        "!netzwerk Wattkante",
    ),
    "suche-leer": (
        "bietet bisher niemand an",
        "Gesucht wird es von: Elbaue",
        "Wer helfen kann: !biete",
        "Runde fragen",
    ),
    "biete": (
        "Soll ich das bei Heidewinkel eintragen?",
        "Bietet: Redaktionsplan",
        "Sichtbar für alle im Kurs",
        "ja oder nein",
    ),
    "steckbrief": (
        "Steckbrief Heidewinkel (so sehen ihn alle)",
        "Fachkräftenetzwerk, Niedersachsen, seit 2019",
        "Bietet: Betriebserkundungen, Azubi-Botschafter/innen",
        "Sucht: Eltern einbinden, Social Media Redaktionsplan",
        "!biete …, !brauche …, !satz …",
        "!orga",
    ),
    "themen-vor-wahl": (
        "Vier Wahlthemen, zwei Plätze (13.01. und 20.01.)",
        "1 – Schwierige Situationen",
        "2 – Organisationsentwicklung",
        "3 – Verstetigung",
        "4 – Social Media vertiefen",
        "ab Mo 30.11.",
        "bis Fr 11.12., 12:00 Uhr",
        "Ich melde mich dann",
    ),
    "stimme": (
        "Stimme gezählt: 3 – Verstetigung",
        "Fr 11.12., 12:00 Uhr",
        "neue Zahl schicken",
        "Die Lehrgangsleitung sieht nur die Summen",
    ),
    "stimme-im-raum": ("Gezählt. Danke!", "mir direkt schreiben", "-Verstetigung", "-3"),
    "stand": ("12 von 16 haben abgestimmt", "Fr 11.12., 12:00 Uhr", "!themen"),
    "stimme-zu-spaet": (
        "seit 12:00 Uhr geschlossen",
        "zählt leider nicht mehr",
        "Raum Ankündigungen",
    ),
    "admin-umfrage-start": (
        "Abstimmung starten? Raum Austausch, 4 Themen, 1 Stimme, 2 Plätze",
        "Schluss: Fr 11.12., 12:00 Uhr",
        "Erinnerung an Nichtwählende: Mi 09.12. und Do 10.12. (nur Direktnachricht)",
        "Gleichstand: Lehrgangsleitung entscheidet",
        "ja oder nein",
    ),
    "admin-umfrage-ende": (
        "Ergebnis: 14 von 16 Stimmen",
        "Verstetigung 5 – Platz A (Mi 13.01.)",
        "Schwierige Situationen 4, Social Media 4 – Gleichstand um Platz B (Mi 20.01.)",
        "Organisationsentwicklung 1",
        "Entscheiden: !platz B konflikt, !platz B socialmedia oder !stichwahl",
        "Veröffentlicht wird erst danach.",
    ),
    "admin-verschieben": (
        "Webinar 4 verschieben?",
        "alt: Mi 02.12., 10:00 bis 11:30 Uhr",
        "neu: Do 03.12., 10:00 bis 11:30 Uhr",
        "Achtung: kein Mittwoch",
        "Folgen: 3 Erinnerungen neu gesetzt, Ansage an 16 Personen, neue Kalenderdatei.",
        "ja, ja ohne Ansage, 14:00 – später, nein",
    ),
    "admin-verschieben-feiertag": (
        "Webinar 7 verschieben?",
        "neu: Mi 06.01., 10:00 bis 11:30 Uhr",
        "Heilige Drei Könige: Feiertag in BW, BY, ST (Neckarhöhe, Granitland, Elbaue).",
        "In dieser Zeit ist Winterpause (21.12. bis 08.01.).",
        "ja, ja ohne Ansage",
    ),
    "admin-absagen": (
        "Webinar 6 (Mi 16.12.) absagen?",
        "Die Präsenzzeit sinkt auf 42 UE, nötig wären dann 34 UE.",
        "Mit Ersatztermin: !verschieben w6 …",
        "Text für alle: „Das Webinar am 16.12. entfällt. Wir melden uns mit einem Ersatztermin.“",
        "ja, ja ohne Ansage, 14:00 – später, nein",
        "Text ändern",
    ),
    "da": ("anwesend um 10:02 Uhr", "Viel Freude", "Die Lehrgangsleitung bestätigt die Liste"),
    "da-ausserhalb": (
        "Der Check-in war von 09:50 bis 10:30 Uhr offen.",
        "Ich habe der Lehrgangsleitung notiert: „war da, Check-in vergessen“",
        "gleicht es mit der Videokonferenz ab",
    ),
    "abmelden": (
        "Für Mi 25.11. abmelden? Das sind 2 UE.",
        "Ja oder Nein reicht. Einen Grund brauche ich nicht.",
        "Die Folien gibt es danach mit !material",
        "-krank",
    ),
    "admin-ansage": (
        "Vorschau für Ankündigungen (16 Personen, mit Benachrichtigung):",
        "Morgen bitte Kurzmeldung mitbringen.",
        "Senden? ja – sofort, 14:00 – später, nein",
    ),
    "admin-anwesend": (
        "Webinar 3: Check-in 13 von 16",
        "Abgemeldet: tn06",
        "Ohne Meldung: tn10, tn16",
        "Als volle 2 UE bestätigen? ja",
        "Einzeln: !anwesend w3 tn10 2",
        "Bitte mit der Teilnahmeliste der Videokonferenz abgleichen.",
    ),
    "admin-import": (
        "Datei gelesen: 16 Zeilen, noch nichts gespeichert",
        "14 in Ordnung",
        "Zeile 11: Konto fehlt (Kammwald), später einladen?",
        "Zeile 17: Konto fehlt (Granitland)",
        "Doppelt: keine. Unbekannte Spalten ignoriert: Geburtsdatum, Privatadresse",
        "Übernehmen: ja oder nein",
    ),
    "admin-pause": (
        "Pause vom Mo 21.12.2026 bis Fr 08.01.2027?",
        "In dieser Zeit sende ich von selbst nichts und antworte nur auf Fragen.",
        "Betroffen: keine Webinare, 3 Montagsimpulse, 3 Wochenrückblicke",
        "ja oder nein. Sofort alles anhalten: !stopp alles",
    ),
    "admin-nicht-berechtigt": (
        "Diesen Befehl gibt es nur für die Lehrgangsleitung",
        "Abmelden für einen Termin: !abmelden",
    ),
    "admin-status": (
        "Was ich als Nächstes sende",
        "Mi 25.11., 09:45 – Gleich geht es los (Ankündigungen)",
        "Mi 25.11., 11:40 – Frage nach Rückmeldung (Austausch)",
        "Fr 27.11., 13:00 – Wochenrückblick (Austausch",
        "Offen: nichts. Link für w3 ist gesetzt.",
        "Ändern: !pause, !text",
    ),
    "anwesenheit-raum": ("direkt", "-UE"),
    "anwesenheit-dm": (
        "18 von bisher 20 UE",
        "36 von 44 UE (80 Prozent)",
        "noch 6 UE, also 3 Webinare",
        "Gefehlt: Rollen",
        "Mi 18.11.",
        "Verbindlich ist die Liste der IHK",
        "!orga",
    ),
    "anwesenheit-knapp": (
        "12 von bisher 20 UE",
        "36 von 44 UE",
        "Reserve: keine",
        "möglichst jeden Termin",
        "!orga",
    ),
    "material": (
        "Material zuletzt: Rollen",
        "Mi 18.11.",
        "Folien Rollen (PDF)",
        "Vorlage Rollenprofil (Word)",
        "https://lernen.example.org/nk2/w2",
        "!material 1",
    ),
    "material-fehlt": (
        "Webinar 3 (Öffentlichkeitsarbeit)",
        "liegt noch nichts bereit",
        "Ich melde mich hier, sobald es da ist",
    ),
    "aufzeichnung": ("nicht aufgezeichnet", "offen sprechen", "!material"),
    "aufgabe": (
        "morgen, Mi 25.11., 09:00 Uhr: Eine eigene Kurzmeldung (max. 900 Zeichen) mitbringen",
        "heute, Di 24.11., 18:00 Uhr: Rollenprofil",
        "!material 2",
    ),
    "projekt": (
        "Projektgruppe 2: Angebote und Zielgruppen",
        "Heidesand, Kammwald, Wetterkreis",
        "Abgabe: Fr 05.02., 12:00 Uhr",
        "Präsentation: Mo 08.02. (15 Minuten)",
        "Werkstatt: Mi 27.01.",
    ),
    "referent": ("Webinar 3 (Mi 25.11.)", "Referent/in Öffentlichkeitsarbeit", "Frage vorab"),
    "kalender": (
        "nk-2026-2.ics",
        "24.11., 15:00 Uhr",
        "neue Datei",
        "keinen Zugangslink",
        "!link",
    ),
    "zertifikat": (
        "80 Prozent",
        "36 von 44 UE",
        "Projektarbeit",
        "Präsentation",
        "08.02.",
        "je nach Teilnahme eine Bescheinigung",
        "!anwesenheit",
        "Verbindlich entscheidet die IHK",
    ),
    "datenschutz": (
        "Zuordnung zum Netzwerk",
        "Check-in-Zeiten",
        "Stimme",
        "eigene Angaben",
        "Gespräche im Raum, Gründe für Abwesenheit",
        "verschlüsselt mit",
        "verwerfe ich sofort",
        "3 Monate nach Kursende",
        "IHK",
        "https://ihk.example.org/ds",
        "!meinedaten",
    ),
    "meinedaten": (
        "hängen als Textdatei an: meine-daten.json",
        "Enthalten: Zuordnung zum Netzwerk, Check-in-Zeiten",
        "Löschen: !loeschen",
        "Offizielle Auskunft: !datenschutz",
    ),
    "loeschen": (
        "Sofort löschen kann ich:",
        "eigene Angaben",
        "Feedback",
        "Erinnerungen",
        "Check-in-Zeiten braucht die IHK für das Zertifikat; dazu leite ich den Wunsch weiter",
        "Jetzt löschen? Bitte mit LÖSCHEN antworten",
    ),
    "feedback": (
        "Danke, Rückmeldung zu Webinar 3 ist notiert: 2, „",
        "ute ",
        "eispiele, etwas schnell“",
        "Weitergabe ohne Namen und erst ab fünf Rückmeldungen",
    ),
    "feedback-frage": (
        "Wie hilfreich war Webinar 3 (Öffentlichkeitsarbeit)?",
        "1 = sehr hilfreich, 5 = gar nicht hilfreich",
        "Einfach die Zahl schreiben, gern mit einem Satz dazu. Bis Fr 27.11., 12:00 Uhr.",
    ),
    "frage": (
        "Soll ich diese Frage ohne Namen an Webinar 3 geben?",
        "okalzeitung",
        "Antwort: Ja, mit Namen oder Nein",
    ),
    "erinnerung-aus": (
        "Gut, keine persönlichen Erinnerungen mehr.",
        "Die Hinweise im Raum Ankündigungen bleiben für alle gleich; stumm stellen geht in den "
        "Raum-Einstellungen.",
        "Wieder an: !erinnerung an",
    ),
    "mentoring": (
        "Mentoring ist freiwillig und vertraulich: ein Einzelgespräch von 45 Minuten.",
        "Interesse weitergeben? Ja oder Nein.",
        "Worum es geht, bleibt",
    ),
    "verpasst": (
        "Nächstes Webinar: morgen, Mi 25.11., 10:00 Uhr, Öffentlichkeitsarbeit",
        "Kurzmeldung (max. 900 Zeichen)",
        "Bisher: Auftakt, Organisationsform",
        "Rollen",
        "!material 1, !material 2",
        "Ab Mo 30.11.",
        "Wahlthemen",
        "Ältere Beiträge im Raum bleiben auf neuen Geräten manchmal unlesbar",
    ),
    "unbekannt": ("kenne ich leider nicht", "!hilfe", "!orga"),
    "meinten-sie": ("!zoom", "Zugang zum Webinar", "Ja"),
    "danke": ("👍",),
    "kein-befehl": (),
    "orga": ("Ist bei der Lehrgangsleitung angekommen", "hier im Chat"),
}
ADDRESSING = re.compile(r"\b(Sie|Ihr|Ihre[mnrs]?|Ihnen|[Dd]u|[Dd]ein\w*|[Dd]ir|[Ee]uch|[Ee]uer)\b")
QUOTED = re.compile(r"Frage vorab:.*")  # the organisers' own words


@pytest.fixture
async def cohort(chat):
    """The sample course, where the last participant has got an account, too."""
    await chat.imports(SAMPLE.replace('mxid = "" ', 'mxid = "@tn16:chat.example.org"').encode())
    return chat


def test_every_dialogue_of_participants_is_played():
    theirs = {d["id"] for d in DIALOGUES["d"] if not d["id"].startswith("admin")}
    assert theirs - {"sprachnachricht"} <= FACTS.keys()


def check_form(text):
    assert len(text) <= 600
    assert len(text.splitlines()) <= 12
    assert not re.search(r"^\d+\.", text, re.M)
    assert "<" not in text
    assert "**" not in text
    assert not ADDRESSING.search(QUOTED.sub("", text))


def spellings(dialogue):
    where = PLACES[dialogue["wo"]]
    typed = (text for text in dialogue.get("eingabe", ()) if text != "!stopp alles")  # an answer
    yield from ((text, where) for text in typed)
    yield from ((text, "direct") for text in dialogue.get("eingabe_dm", ()))


@pytest.mark.parametrize("name", FACTS)
async def test_the_answer_has_the_facts_of_the_model(cohort, name):
    (dialogue,) = [d for d in DIALOGUES["d"] if d["id"] == name]
    if name in VOTED:
        await cast_votes(cohort, VOTED[name])
    if name == "admin-anwesend":
        await check_in(cohort)
    if name == "admin-import":
        await upload(cohort, dialogue["uhr"].isoformat())
    by = ACCOUNTS.get(who := dialogue.get("wer", STANDARD["wer"]), who)
    cohort.at(dialogue.get("uhr", STANDARD["uhr"]).isoformat())
    for text, place in spellings(dialogue):
        before = len(cohort.said)
        await cohort.says(text, by=by, place=place)
        here = [said.body for said in cohort.said[before:] if said.room[0] != "@"]
        answer = "\n".join(here)  # what is whispered is nobody else's business
        assert bool(answer) == bool(FACTS[name]), text
        for said in cohort.said[before:]:
            check_form(said.body)
        for fact in FACTS[name]:
            absent = fact.startswith("-") and len(fact) > 1
            assert (fact.lstrip("-") in answer) != absent, (text, fact, answer)
        if name == "unbekannt":  # which is explained once a minute
            cohort.now += timedelta(minutes=2)


async def check_in(chat):
    """Everybody but two; one has signed off."""
    await chat.says("!abmelden", by="tn06")
    await chat.says("ja", by="tn06")
    chat.at("2026-11-25 10:00")
    for number in range(1, 16):
        if number not in (6, 10):
            await chat.says("da", by=f"tn{number:02}")


async def upload(chat, moment):
    """The list of participants: two accounts are missing, and somebody is in another group."""
    known = tomllib.loads(SAMPLE)
    names = {network["id"]: network["kurz"] for network in known["netzwerk"]}
    lines = ["Netzwerk;Geburtsdatum;Konto;Privatadresse;Gruppe"]
    for number, person in enumerate(known["person"], 1):
        account = "" if number in (10, 16) else person["mxid"]
        group = person["gruppe"] % 4 + (number == 1)
        lines.append(f"{names[person['netzwerk']]};1.1.80;{account};Weg 1;{group or 4}")
    chat.at(moment)
    await chat.uploads("teilnehmende.csv", "\n".join(lines).encode("cp1252"))


async def cast_votes(chat, most):
    chat.at("2026-12-01 09:10")
    votes = list(tomllib.loads(SAMPLE)["wahl"]["beispielstimmen"].items())[:most]
    for person, number in votes:
        assert "Stimme gezählt" in await chat.says(f"!stimme {number}", by=person)


@pytest.mark.parametrize("kind", ["m.audio", "m.image", "m.video", "m.sticker"])
async def test_only_text_can_be_read(chat, kind):
    await chat.loads()
    answer = await chat.says(kind, media=True)
    check_form(answer)
    assert answer == (
        "Ich kann leider nur Text lesen. Bitte kurz schreiben oder mit !orga die Lehrgangsleitung "
        "fragen."
    )
    assert await chat.says(kind, place="austausch", media=True) == ""


async def test_every_answer_without_a_question_is_a_notice_without_mentions(cohort):
    await cohort.says("!programm", place="austausch")
    (said,) = cohort.said
    assert said.content["msgtype"] == "m.notice"
    assert said.content["m.mentions"] == {}
