"""Who takes part: people leave, come and are put into groups; the course file leaves it so."""

from datetime import timedelta

from bot.incoming import NativeVote
from storage import polls
from storage.replies import INFO, ORGA, TALK
from tests.conftest import SAMPLE, SERVER

IN = {"by": "leitung-ihk", "place": ORGA}
GONE = (
    "Die Teilnahme an diesem Kurs ist beendet, deshalb antworte ich hier nicht mehr. Fragen, auch "
    "zu gespeicherten Daten, beantwortet die Lehrgangsleitung."
)
LEAVES = (
    "tn12 scheidet aus? Koordination Bergland-Süd\n"
    "Danach zählen 15 Personen, auch für Quote, Erinnerungen und Abstimmungen.\n"
    "Abgegebene Stimmen bleiben in der Summe.\n"
    "Bestätigt sind 19 UE: bleiben gespeichert, stehen in keiner Liste mehr.\n"
    "Das Netzwerk Bergland-Süd wird nicht mehr gezeigt.\n"
    "ja oder nein"
)


async def yes(cohort, line):
    """What a line previews, and what its yes says."""
    asked = await cohort.says(line, **IN)
    return asked, await cohort.says("ja", **IN)


async def turnout(cohort):
    async with cohort.sessions() as db:
        return await polls.turnout(db, await polls.election(db, cohort.course))


async def test_who_leaves_is_in_no_list_and_the_file_does_not_bring_them_back(cohort):
    assert await yes(cohort, "!austritt tn12") == (
        LEAVES,
        "tn12 ist ausgeschieden. Noch 15 Personen im Kurs.\n"
        "Aus den Räumen entfernen: in Element. Doch wieder dabei: !eintritt tn12",
    )
    assert await cohort.loads() == []
    assert "von 15" in await cohort.says("!anwesend w3", **IN)
    assert "Vorschau für Ankündigungen (15 Personen" in await cohort.says("!ansage Hallo", **IN)
    await cohort.says("nein", **IN)
    exported = await cohort.says("!export", **IN)
    assert exported.startswith("Teilnahme von 15 Personen")
    assert b"tn12" not in cohort.said[-1].file
    assert "15 Netzwerke im Kurs" in await cohort.says("!netzwerke")
    assert "passt zu keinem Netzwerk" in await cohort.says("!netzwerk Bergland-Süd")
    assert "leitung-ihk: !austritt tn12" in await cohort.says("!protokoll", **IN)
    back = SAMPLE.read_bytes().replace(b'"@tn12:', b'"@tn12b:')
    assert await cohort.imports(back) == [
        "Person tn12, Konto: @tn12:chat.example.org → @tn12b:chat.example.org"
    ]
    assert "von 15" in await cohort.says("!anwesend w3", **IN)


async def test_who_has_left_hears_one_sentence_and_is_no_stranger(cohort):
    await yes(cohort, "!austritt tn12")
    assert await cohort.says("!anwesenheit", by="tn12") == GONE
    assert await cohort.says("!link", by="tn12") == ""
    cohort.at("2026-11-25 09:00")
    assert await cohort.says("da", by="tn12") == GONE
    before = len(cohort.said)
    assert "Öffentlichkeitsarbeit" in await cohort.says("!programm", by="tn12", place=TALK)
    assert len(cohort.said) == before + 1


async def test_their_vote_stays_in_the_sum_and_they_vote_no_more(cohort):
    cohort.at("2026-12-01 09:00")
    await cohort.says("!stimme 3", by="tn12")
    await yes(cohort, "!austritt tn12")
    assert await turnout(cohort) == (1, 16)
    await yes(cohort, "!austritt tn11")
    assert await turnout(cohort) == (1, 15)
    await cohort.says("!stimme 1", by="tn12", place=TALK)
    vote = NativeVote("$v", cohort.room(TALK), f"@tn11:{SERVER}", "$p", ("1",), *[cohort.now] * 2)
    await cohort.hears(vote)
    assert await turnout(cohort) == (1, 15)
    async with cohort.sessions() as db:
        counted = await polls.tally(db, await polls.election(db, cohort.course))
    assert counted.votes[3] == 1


async def test_who_comes_back_finds_everything_as_it_was(cohort):
    await yes(cohort, "!austritt tn12")
    asked, done = await yes(cohort, "!eintritt tn12")
    assert asked == (
        "tn12 kommt wieder dazu? Koordination Bergland-Süd\n"
        f"Konto: @tn12:{SERVER}\n"
        "Bestätigt sind 19 UE.\n"
        "ja oder nein"
    )
    assert done == "tn12 ist dabei. Jetzt 16 Personen im Kurs.\nFehlt noch: in die Räume einladen."
    assert await cohort.loads() == []
    assert "16 Netzwerke im Kurs" in await cohort.says("!netzwerke")
    assert "Besucht: 19 von bisher 20 UE" in await cohort.says("!anwesenheit", by="tn12")


async def test_somebody_new_and_what_counts_of_the_time_before(cohort):
    asked, done = await yes(cohort, "!eintritt tn17 bergland-sued @neu:uni.example.org")
    assert asked == (
        "tn17 kommt neu dazu? Koordination Bergland-Süd\n"
        "Netzwerk: Bergland-Süd\n"
        "Konto: @neu:uni.example.org\n"
        "Ohne Eintrag: 4 Termine (a1 bis w2, 20 UE). Sie zählen nicht als besucht, solange nichts "
        "anderes eingetragen wird: !anwesend a1 tn17 nachgeholt (oder 0).\n"
        "ja oder nein"
    )
    assert done.startswith("tn17 ist dabei. Jetzt 17 Personen im Kurs.")
    assert await cohort.loads() == []
    assert "von 17" in await cohort.says("!anwesend w3", **IN)
    assert "nachgeholt" in await cohort.says("!anwesend a1 tn17 nachgeholt", **IN)
    assert "Besucht: 8 von bisher 8 UE" in await cohort.says(
        "!anwesenheit", by="@neu:uni.example.org"
    )
    both = await cohort.says("!austritt tn12", **IN)
    assert "Das Netzwerk Bergland-Süd bleibt zu sehen: tn17" in both


async def test_an_account_for_somebody_and_what_is_no_wish(cohort):
    assert (await cohort.says("!eintritt tn05", **IN)).startswith("tn05 ist schon dabei.")
    taken = await cohort.says(f"!eintritt tn17 @tn05:{SERVER}", **IN)
    assert taken == "Dieses Konto gehört schon zu tn05."
    assert (await cohort.says("!eintritt kammwald", **IN)).startswith(
        "Zuerst die Kennung, wie tn17"
    )
    nobody = await cohort.says("!eintritt tn17 Wolkenkuckucksheim", **IN)
    assert nobody.startswith("„Wolkenkuckucksheim“ ist weder ein Netzwerk noch")
    asked, done = await yes(cohort, "!eintritt tn16 @kw:uni.example.org")
    assert asked.startswith("tn16 wird geändert? Koordination Granitland")
    assert done.startswith("tn16 ist dabei.")
    assert await cohort.loads() == []
    pill = {"pills": ("@pille:uni.example.org",)}
    named = await cohort.says("!eintritt tn18 Seenplatte Ost Anna Müller", **IN, **pill)
    assert "Netzwerk: Seenplatte Ost\nKonto: @pille:uni.example.org" in named


async def test_groups_are_shown_and_changed(cohort):
    listed = await cohort.says("!gruppe", **IN)
    assert "1 – Verstetigung: tn01, tn05, tn09, tn13" in listed
    asked, done = await yes(cohort, "!gruppe 1 tn01 tn02, heidesand")
    assert (
        asked == "In Gruppe 1? tn01, tn02 (bisher Gruppe 2), tn06 (bisher Gruppe 2)\nja oder nein"
    )
    assert done == "tn01, tn02, tn06: jetzt in Gruppe 1.\nAlle Gruppen: !gruppe"
    await yes(cohort, "!gruppe weg tn13")
    asked, _ = await yes(cohort, "!gruppe 5 tn03")
    assert "Diese Gruppe ist neu" in asked
    assert await cohort.loads() == []
    assert await cohort.says("!gruppe", **IN) == (
        "Projektgruppen\n"
        "1 – Verstetigung: tn01, tn02, tn05, tn06, tn09\n"
        "2 – Angebote und Zielgruppen: tn10, tn14\n"
        "3 – Laterale Führung: tn07, tn11, tn15\n"
        "4 – Community Management: tn04, tn08, tn12, tn16\n"
        "5 – noch ohne Thema: tn03\n"
        "Ohne Gruppe: tn13\n"
        "Zuordnen: !gruppe 1 tn01 tn05, aus allen Gruppen: !gruppe weg tn01"
    )
    assert (await cohort.says("!gruppe", by="tn03")).startswith("Projektgruppe 5: noch ohne Thema")
    cohort.now += timedelta(minutes=1)
    for nonsense in ("!gruppe 0 tn01", "!gruppe ½", "!gruppe 100", "!gruppe weg"):
        assert (await cohort.says(nonsense, **IN)).startswith("So geht es: !gruppe 1 tn01 tn05")
    assert (await cohort.says("!gruppe 1 tn99", **IN)).startswith("„tn99“ kenne ich nicht.")


async def test_who_has_joined_is_what_the_rooms_say(chat):
    await chat.loads(now="2026-10-10 12:00")
    chat.inside[f"@tn04:{SERVER}"].discard(chat.room(TALK))
    del chat.inside[f"@tn07:{SERVER}"]
    status = await chat.says("!status", **IN)
    line = next(row for row in status.splitlines() if row.startswith("Beigetreten"))
    assert line == "Beigetreten: 13 von 16. Offen: tn04, tn07, tn16 (ohne Konto)"
    assert await chat.clock_strikes("2026-10-12 09:00") == (
        f"{line}\nDer Kurs beginnt am Mo 02.11."
    )
    assert chat.said[-1].room == chat.room(ORGA)
    assert await chat.clock_strikes("2026-10-13 09:00") == ""
    everybody = [f"@tn{number:02}:{SERVER}" for number in range(1, 17)]
    chat.inside |= {mxid: set(map(chat.room, (INFO, TALK))) for mxid in everybody}
    await yes(chat, "!austritt tn16")
    assert await chat.clock_strikes("2026-10-19 09:00") == ""
