"""People's own entries: asked back, seen at once, theirs to take back, safe from every import."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

import bot
from storage import profiles
from storage.models import Entry, Network

FILE = Path(bot.__file__).with_name("sample_course.toml").read_text("utf-8")
YES = "ja oder nein"

REFUSED = (
    ("!biete", "Bisher: Betriebserkundungen, Azubi-Botschafter/innen. Was genau dazukommt"),
    ("!biete !!!", "Bisher: "),
    ("!biete " + "x" * 81, "Bitte kürzer: höchstens 80 Zeichen"),
    ("!biete betriebs-erkundungen", "Das steht dort schon"),
    ("!biete nicht Segeln", "Das steht dort nicht"),
    ("!biete nicht", "Das steht dort nicht"),
    ("!brauche nicht e", "„nicht e“ passt zu zwei Einträgen"),
    ("!satz", "Bisher: „Volle Auftragsbücher, leere Werkbänke: daran arbeiten wir.“"),
    ("!satz " + "x " * 100, "Bitte kürzer"),
    ("!steckbrief zeigen alles", "Welcher Teil? Es gibt bietet, sucht, satz, partner, kontakt"),
    ("!steckbrief zeigen partner", "Partner: schon sichtbar."),
    ("!vergleich wattkante", "Heidewinkel und Wattkante"),
    ("!vergleich heidewinkel", "„heidewinkel“: Darin erkenne ich keine zwei Netzwerke."),
    ("!vergleich wattkante atlantis", "„wattkante atlantis“: Darin erkenne ich keine zwei"),
)


async def does(cohort, text, by="tn02", place="direct"):
    """Type it, confirm it, and return what is said then."""
    cohort.now += timedelta(minutes=1)
    assert (await cohort.says(text, by=by, place=place)).endswith(YES)
    return await cohort.says("ja", by=by, place=place)


async def card(cohort, name="heidewinkel"):
    cohort.now += timedelta(minutes=1)
    return (await cohort.says(f"!netzwerk {name}", by="tn05")).splitlines()


async def test_an_offer_is_there_at_once_and_those_who_look_for_it_are_named(cohort):
    assert await does(cohort, "!biete  **mint-mobil** für alle.") == (
        "Eingetragen. Zurücknehmen: !biete nicht Mint-mobil für alle\nDas suchen: Seenplatte Ost."
    )
    assert "Bietet: Betriebserkundungen, Azubi-Botschafter/innen, Mint-mobil für alle" in (
        await card(cohort)
    )
    assert "Heidewinkel (Niedersachsen)" in await cohort.says("!suche mobil", by="tn05")


async def test_a_need_names_those_who_have_it(cohort):
    assert await does(cohort, "!brauche Mint-Mobil") == (
        "Eingetragen. Zurücknehmen: !brauche nicht Mint-Mobil\nDas bieten: Wattkante, Neckarhöhe."
    )
    assert "Heidewinkel" in await cohort.says("!suche mint mobil", by="tn05")


async def test_nothing_is_entered_without_a_yes(cohort):
    before = await card(cohort)
    await cohort.says("!biete Kaffee")
    assert await cohort.says("nein") == "In Ordnung, es bleibt alles, wie es ist."
    assert await card(cohort) == before


async def test_own_entries_and_those_of_the_file_can_be_struck_and_come_back(cohort):
    await does(cohort, "!biete Kaffee")
    assert await does(cohort, "!biete nicht mehr Kafee") == "Gestrichen. Doch wieder: !biete Kaffee"
    assert await does(cohort, "!biete nicht Betriebs") == (
        "Gestrichen. Doch wieder: !biete Betriebserkundungen"
    )
    assert "Bietet: Azubi-Botschafter/innen" in await card(cohort)
    async with cohort.sessions() as db:
        assert [(e.text, e.struck) for e in await db.scalars(select(Entry))] == [
            ("Betriebserkundungen", True)
        ]
    await does(cohort, "!biete betriebserkundungen")
    assert "Bietet: Azubi-Botschafter/innen, Betriebserkundungen" in await card(cohort)


async def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(cohort):
    for typed, answer in REFUSED:
        cohort.now += timedelta(minutes=1)
        assert (await cohort.says(typed)).startswith(answer), typed
    async with cohort.sessions() as db:
        assert (await db.scalars(select(Entry))).all() == []


async def test_who_has_no_network_is_told_whom_to_ask(cohort):
    for line in ("!biete x", "!brauche x", "!satz x", "!steckbrief"):
        assert await cohort.says(line, by="leitung-ihk") == profiles.NO_NETWORK


async def test_an_import_leaves_own_entries_alone_and_brings_its_news(cohort):
    await does(cohort, "!biete Kaffee")
    await does(cohort, "!biete nicht Betriebserkundungen")
    await does(cohort, "!satz wir sind die Heide!")
    old = '"Betriebserkundungen", "Azubi-Botschafter/innen"]'
    assert await cohort.imports(FILE.encode()) == []
    changes = await cohort.imports(FILE.replace(old, old[:-1] + ', "Segeln"]').encode())
    assert changes == ["Netzwerk Heidewinkel, bietet: + Segeln"]
    shown = await card(cohort)
    assert "Bietet: Azubi-Botschafter/innen, Segeln, Kaffee" in shown
    assert "„Wir sind die Heide!“" in shown
    async with cohort.sessions() as db:
        filed = select(Network.offers).where(Network.key == "heidewinkel")
        assert "Kaffee" not in await db.scalar(filed)


async def test_two_people_of_one_network_share_its_profile(cohort):
    second = FILE.replace('id = "tn03"', 'id = "tn03"', 1).replace(
        'netzwerk = "hafenbogen"\nmxid', 'netzwerk = "heidewinkel"\nmxid'
    )
    await cohort.imports(second.encode())
    await does(cohort, "!biete Kaffee", by="tn03")
    assert await does(cohort, "!biete nicht Kaffee", by="tn02") == (
        "Gestrichen. Doch wieder: !biete Kaffee"
    )


async def test_what_is_hidden_is_seen_by_nobody_else_in_no_way(cohort):
    async def says(text, **who):
        cohort.now += timedelta(minutes=1)
        return await cohort.says(text, **who)

    for part in ("partner", "sucht", "kontakt", "satz"):
        assert "verborgen. Wieder zeigen" in await says(f"!steckbrief verbergen {part}")
    assert await card(cohort) == [
        "Fachkräftenetzwerk Heidewinkel (Niedersachsen)",
        "Ländlich, strukturstark, seit 2019",
        "Träger: Regionalbüro einer IHK",
        "Bietet: Betriebserkundungen, Azubi-Botschafter/innen",
        "Sucht: noch nichts eingetragen",
    ]
    assert "Heidewinkel" not in await says("!suche Eltern", by="tn05")
    assert "Eltern" not in await says("!vergleich heidewinkel rebenland", by="tn05")
    assert "Eltern" not in await says("!steckbrief", place="austausch")
    assert "Sucht: Eltern einbinden" in await says("!steckbrief")
    assert await does(cohort, "!steckbrief zeigen gesuche") == (
        "Gesuche wieder sichtbar. Ansehen: !netzwerk Heidewinkel"
    )
    assert "Heidewinkel" in await says("!suche Eltern", by="tn05")


async def test_what_two_networks_share_and_what_they_have_for_each_other(cohort):
    assert await cohort.says("!vergleich Bergland-Süd und kohlenufer") == (
        "Bergland-Süd und Kohlenufer\n"
        "Gemeinsam: Nordrhein-Westfalen\n"
        "Verschieden (Bergland-Süd / Kohlenufer): Fachkräfte / MINT, ländlich / städtisch, "
        "strukturstark / strukturschwach, IHK / Wirtschaftsförderung, seit 2015 / seit 2011\n"
        "Bergland-Süd bietet, was Kohlenufer sucht: Unternehmen langfristig binden\n"
        "Mehr: !netzwerk Bergland-Süd, !netzwerk Kohlenufer"
    )
    assert (await cohort.says("!vergleich wattkante neckarhöhe")).splitlines()[1:4] == [
        "Gemeinsam: MINT",
        "Beide bieten: MINT-Mobil",
        "Beide suchen: Honorarkräfte gewinnen, Verstetigung der Personalstelle",
    ]


async def test_words_in_the_middle_and_mistyped_ones_are_found(cohort):
    for typed, found in (
        ("kistne", "Experimentierkisten"),
        ("portal angebot", "Bildungsportal mit Angebotskarte"),
        ("parkour", "MINT-Parcours"),
        ("nähangeboten", "MINT-Nähangebote"),
        ("mobil mint", "MINT-Mobil"),
    ):
        cohort.now += timedelta(minutes=1)
        assert (await cohort.says(f"!suche {typed}")).startswith(found), typed
