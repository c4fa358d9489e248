"""Who is in the course, found by name, filter and need."""

import pytest
from sqlalchemy import delete, update

from storage.models import Network

COUNTRYSIDE = (
    "10 Netzwerke in ländlichen Gebieten (6 bis 10)\n"
    "Heidewinkel, Niedersachsen\n"
    "Kammwald, Thüringen\n"
    "Rebenland, Rheinland-Pfalz\n"
    "Seenplatte Ost, Mecklenburg-Vorpommern\n"
    "Wattkante, Niedersachsen\n"
    "Mehr zu einem: !netzwerk Heidewinkel"
)


async def test_the_next_page_is_one_word_away(cohort):
    await cohort.says("!netzwerke ländlich", place="austausch")
    assert await cohort.says("!mehr", place="austausch") == COUNTRYSIDE
    assert await cohort.says("!netzwerke ländlich seite 2") == COUNTRYSIDE
    assert await cohort.says("!netzwerke ländlich Seite 77") == COUNTRYSIDE


@pytest.mark.parametrize(
    ("typed", "head"),
    [
        ("liste", "16 Netzwerke (1 bis 5)"),
        ("städtisch", "4 Netzwerke in städtischen Gebieten"),
        ("strukturschwach", "8 Netzwerke in strukturschwachen Gebieten (1 bis 5)"),
        ("Niedersachsen", "2 Netzwerke in Niedersachsen"),
        ("niedersachen", "2 Netzwerke in Niedersachsen"),
        ("NI", "2 Netzwerke in Niedersachsen"),
        ("NRW", "2 Netzwerke in Nordrhein-Westfalen"),
        ("Sachsen", "1 Netzwerk in Sachsen"),
        ("Sachsen-Anhalt", "1 Netzwerk in Sachsen-Anhalt"),
        ("baden wurttemberg", "1 Netzwerk in Baden-Württemberg"),
        ("Saarland", "Kein Netzwerk im Saarland. Alle: !netzwerke liste"),
        ("Hochschule", "4 Netzwerke mit Träger Hochschule"),
        ("wirtschaftsforderung", "3 Netzwerke mit Träger Wirtschaftsförderung"),
        ("ländlich in Niedersachsen", "2 Netzwerke in ländlichen Gebieten in Niedersachsen"),
        (
            "mint ländlich Niedersachsen",
            "1 Netzwerk für MINT in ländlichen Gebieten in Niedersachsen",
        ),
        (
            "hochschule mint stadt",
            "3 Netzwerke für MINT in städtischen Gebieten mit Träger Hochschule",
        ),
        ("Sachsen, Bayern", "2 Netzwerke in Sachsen oder in Bayern"),
        (
            "strukturschwach stadt",
            "2 Netzwerke in städtischen Gebieten in strukturschwachen Gebieten",
        ),
        ("fachkräfte", "6 Netzwerke für Fachkräfte (1 bis 5)"),
        ("im aufbau", "3 Netzwerke im Aufbau"),
        ("wattkante", "1 Netzwerk zu „wattkante“"),
        ("eltern", "2 Netzwerke zu „eltern“"),
        ("Atlantis", "Zu „Atlantis“ finde ich nichts. Alle: !netzwerke liste"),
    ],
)
async def test_filters(cohort, typed, head):
    assert (await cohort.says(f"!netzwerke {typed}")).splitlines()[0] == head


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Panke & Spree", "MINT-Allianz Panke & Spree"),
        ("panke und spree", "MINT-Allianz Panke & Spree"),
        ("spree", "MINT-Allianz Panke & Spree"),
        ("Bergland Süd", "Fachkräftenetzwerk Bergland-Süd"),
        ("berglandsued", "Fachkräftenetzwerk Bergland-Süd"),
        ("bergland-sud", "Fachkräftenetzwerk Bergland-Süd"),
        ("foerdeblick", "MINT-Cluster Fördeblick"),
        ("FÖRDEBLICK", "MINT-Cluster Fördeblick"),
        ("fordeblick", "MINT-Cluster Fördeblick"),
        ("oberes", "Fachkräftenetzwerk Oberes Granitland"),
        ("das Netzwerk Elbaue bitte", "MINT-Region Elbaue"),
        ("seenplatte", "MINT-Region Seenplatte Ost"),
        ("Heidesnad", "Fachkräftebündnis Heidesand"),
        ("Thüringen", "MINT-Netz Kammwald"),
    ],
)
async def test_a_network_is_found_however_it_is_typed(cohort, typed, name):
    assert (await cohort.says(f"!netzwerk {typed}")).startswith(f"{name} (")


async def test_a_choice_is_answered_by_its_number(cohort):
    assert await cohort.says("!netzwerk heide", place="austausch") == (
        "„heide“ passt zu zwei Netzwerken:\n"
        "1 – Heidewinkel (Niedersachsen)\n"
        "2 – Heidesand (Brandenburg)\n"
        "Bitte mit der Zahl antworten."
    )
    answer = await cohort.says("2", place="austausch")
    assert answer.startswith("Fachkräftebündnis Heidesand (Brandenburg)")


async def test_a_young_network_says_what_is_missing(cohort):
    assert await cohort.says("!netzwerk kammwald") == (
        "MINT-Netz Kammwald (Thüringen)\n"
        "Ländlich, strukturschwach, seit 2026\n"
        "„Seit wenigen Wochen im Job und voller Fragen.“\n"
        "Träger: Bildungsbüro eines Landkreises\n"
        "Partner: 2 Unternehmen, 4 Schulen, 2 Kitas und weitere\n"
        "Bietet: noch nichts eingetragen\n"
        "Sucht: Netzwerk gründen: die ersten Schritte, Experimentierkisten\n"
        "Kontakt im Chat: Koordination Kammwald"
    )


async def test_one_offer_and_a_need(cohort):
    answer = (
        "Eltern einbinden bietet 1 Netzwerk:\n"
        "Rebenland (Rheinland-Pfalz)\n"
        "Das suchen auch: Heidewinkel.\n"
        "Einfach im Chat ansprechen oder !netzwerk Rebenland."
    )
    for text in ("!suche Eltern", "!suche Elern", "!suche eltern einbinden", "!wer bietet eltern"):
        assert await cohort.says(text) == answer


async def test_different_offers_are_named_and_paged(cohort):
    async with cohort.sessions.begin() as db:
        for number, key in enumerate(("wattkante", "heidewinkel", "elbaue", "panke-spree"), 1):
            offers = [f"Garten {number}", f"Gartenbau {number}"]
            await db.execute(update(Network).where(Network.key == key).values(offers=offers))
    assert await cohort.says("!suche garten") == (
        "„garten“ bieten 4 Netzwerke:\n"
        "Wattkante (Niedersachsen): Garten 1\n"
        "Wattkante (Niedersachsen): Gartenbau 1\n"
        "Heidewinkel (Niedersachsen): Garten 2\n"
        "Heidewinkel (Niedersachsen): Gartenbau 2\n"
        "Panke & Spree (Berlin): Garten 4\n"
        "Weiter: !mehr\n"
        "Einfach im Chat ansprechen oder !netzwerk Wattkante."
    )
    assert (await cohort.says("!mehr")).splitlines()[1:3] == [
        "Panke & Spree (Berlin): Gartenbau 4",
        "Elbaue (Sachsen-Anhalt): Garten 3",
    ]


@pytest.mark.parametrize("text", ["!suche %", "!suche _", "!suche wer"])
async def test_nothing_to_search_for(cohort, text):
    answer = "Wonach soll ich suchen? Zum Beispiel so: !suche Eltern"
    assert await cohort.says(text) == answer


async def test_without_networks(cohort):
    async with cohort.sessions.begin() as db:
        await db.execute(delete(Network))
    nobody = "Es sind noch keine Netzwerke eingetragen. Fragen: !orga"
    assert await cohort.says("!netzwerke") == nobody
    assert await cohort.says("!netzwerke ländlich") == nobody
    assert (await cohort.says("!suche Eltern")).startswith("„Eltern“ bietet bisher niemand an.")
    assert (await cohort.says("!projekt")).splitlines()[1] == (
        "Mit: Koordination Heidesand, Koordination Kammwald, Koordination Wetterkreis"
    )


async def test_the_overview_names_filters_that_find_something(cohort):
    async with cohort.sessions.begin() as db:
        await db.execute(delete(Network).where(Network.key != "hafenbogen"))
    assert await cohort.says("!netzwerke") == (
        "1 Netzwerk im Kurs: 1 MINT-Netzwerk.\n"
        "Filtern: !netzwerke städtisch, !netzwerke Bremen, !netzwerke Hochschule\n"
        "Alphabetisch: !netzwerke liste\n"
        "Ein Netzwerk: !netzwerk Hafenbogen\n"
        "Wer hilft wobei: !suche Eltern"
    )
