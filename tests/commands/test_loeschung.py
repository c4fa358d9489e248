"""Everything about one person goes for ever, as organisers decide."""

from datetime import timedelta

from sqlalchemy import select

from storage.catalogue import Named, personal
from storage.models import Base, OutgoingMessage
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
ME = "@tn02:chat.example.org"


async def left(chat):
    """In which tables there is still something about the person."""
    names = {Named.MXID: ME, Named.PERSON: "tn02", Named.NETWORK: "heidewinkel", Named.ROOM: ME}
    found = set()
    async with chat.sessions() as db:
        for entry in personal():
            table = Base.metadata.tables[entry.table]
            query = select(table).where(table.c[entry.by] == names[entry.named])
            found |= {entry.table} if (await db.execute(query)).first() else set()
        words = [str(row) for row in await db.scalars(select(OutgoingMessage.content))]
        causes = await db.scalars(select(OutgoingMessage.cause))
        found |= {cause for cause in causes if ME in cause}
    return found, "".join(words)


async def test_the_yes_erases_all_of_it(cohort):
    cohort.at("2026-12-01 10:00")
    for typed in (
        "!biete Kanarienvogel",
        "ja",
        "!stimme 3",
        "!orga Kanarienfrage",
        "!tandem",
        "ja",
    ):
        cohort.now += timedelta(seconds=20)
        await cohort.says(typed)
    asked = await cohort.says("!loeschung TN02", **LEADER)
    assert asked == (
        "Alles über tn02 (Koordination Heidewinkel) löschen?\n"
        "Zuordnung, Anwesenheit, eigene Angaben, einzelne Stimmen, Texte an diese Person.\n"
        "Summen von Abstimmungen bleiben. Ein Nachweis fürs Zertifikat geht danach nicht mehr.\n"
        "Zurücknehmen lässt sich das nicht, auch die Kursdatei bringt nichts davon zurück.\n"
        "ja oder nein"
    )
    assert (await cohort.says("ja", **LEADER)).startswith("Gelöscht: ")
    found, words = await left(cohort)
    assert found == set()
    assert "Kanarien" not in words
    assert "Heidewinkel" not in words
    assert await cohort.loads() == []
    assert (await left(cohort))[0] == set()
    cohort.at("2026-12-01 11:00")
    assert "15 Personen" in await cohort.says("!export", **LEADER)
    assert "!loeschung tn02" in await cohort.says("!protokoll", **LEADER)


async def test_nobody_else_can_and_nobody_else_goes(cohort):
    for place in ("austausch", "direct"):  # there, the word is what a participant means
        assert "tn03" not in await cohort.says("!loeschung tn03", place=place)
    assert "Alles über tn02" in await cohort.says("!löschen tn02", **LEADER)
    assert await cohort.says("nein", **LEADER) == "In Ordnung, es bleibt alles, wie es ist."
    for typed in ("tn99", "", "tn02 tn03", "Heidewinkel"):
        cohort.now += timedelta(seconds=20)
        assert "So geht es" in await cohort.says(f"!loeschung {typed}", **LEADER)
    assert (await left(cohort))[0] >= {"people", "networks", "attendance"}
