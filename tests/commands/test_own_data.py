"""What is stored can be read, all of it, and what is one's own can be erased."""

import json
from datetime import date, datetime, time

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, LargeBinary, Time, insert, select

from storage.catalogue import CATALOGUE, Erased, Named, personal
from storage.models import Base, Moment
from storage.replies import ORGA

ME, OTHER = "@tn02:chat.example.org", "@tn03:chat.example.org"
TABLES = Base.metadata.tables
NOW = datetime.fromisoformat("2026-11-24T15:00:00+01:00")


def canary(table, column):
    return f"kanari-{table}-{column}"


def value(column, number):
    """Something for a column that must not be empty, unlike in every row."""
    for kind, example in (
        (Boolean, False),
        (Integer, number),
        (Moment, NOW),
        (Date, date(2026, 11, 24)),
        (Time, time(10)),
        (LargeBinary, b""),
        (JSON, {"kanari": canary(column.table.name, column.name)}),
    ):
        if isinstance(column.type, kind):
            return example
    text = f"{canary(column.table.name, column.name)}-{number}"
    return text if column.type.length is None else f"kanari-{number}"[: column.type.length]


def planted(entry, number, mxid, key, room):
    """A row about somebody with a canary in every text; as `Named` says where it belongs."""
    table = TABLES[entry.table]
    whose = {Named.MXID: mxid, Named.PERSON: key, Named.ROOM: room, Named.NETWORK: f"n{number}"}
    row = {column.name: value(column, number) for column in table.columns}
    row |= {"course_id": 1} if "course_id" in row else {}
    row |= {"state": "gesendet"} if entry.table == "outbox" else {}
    row |= {"poll": "wahl-1", "about": ""} if entry.table == "ballots" else {}
    return {**row, entry.by: whose[entry.named]}


@pytest.fixture
async def known(cohort):
    """Rows about two people in every table that is about people."""
    cohort.at("2026-12-01 10:00")
    async with cohort.sessions.begin() as db:
        for entry in personal():
            if entry.table not in ("people", "networks"):
                for number, (mxid, key) in enumerate(((ME, "tn02"), (OTHER, "tn03")), 700):
                    row = planted(entry, number, mxid, key, cohort.room("direct", key))
                    await db.execute(insert(TABLES[entry.table]).values(row))
    return cohort


async def rows(chat, entry):
    """Whom the rows of an entry are about, and what stands in its columns."""
    table = TABLES[entry.table]
    columns = [table.c[name] for name in {*entry.columns.split(), entry.by}]
    async with chat.sessions() as db:
        found = (await db.execute(select(*columns))).mappings().all()
    return {row[entry.by]: str([row[name] for name in entry.columns.split()]) for row in found}


async def test_the_file_has_everything_that_is_shown(known):
    await known.says("!meinedaten")
    (file,) = [said.file.decode() for said in known.said if said.file]
    data = json.loads(file)
    assert data["wer"] == ME
    found = {(part["tabelle"], part["was"]): part for part in data["daten"]}
    for entry in personal():
        part = found[entry.table, entry.what]
        if entry.shown:
            assert part["eintraege"], entry.table
            assert set(part["eintraege"][0]) == set(entry.columns.split())
        assert {"wozu", "wie lange", "beim Löschen"} <= part.keys()
    assert "Koordination Heidewinkel" in file
    assert OTHER not in file
    assert "-701" not in file  # what is about somebody else


async def test_nothing_erasable_survives(known):
    await known.says("!loeschen")
    answer = await known.says("LÖSCHEN")
    assert "Gelöscht:" in answer
    for entry in personal():
        left = await rows(known, entry)
        mine = {who: text for who, text in left.items() if "tn02" in str(who)}
        if entry.erased is Erased.AT_ONCE and entry.named is Named.ROOM:
            assert "kanari" not in mine[known.room("direct", "tn02")]
        elif entry.erased is Erased.AT_ONCE:
            assert mine == {}, entry.table
        if entry.table not in ("people", "networks"):
            assert any("tn03" in str(who) for who in left), entry.table


async def test_a_vote_is_taken_back_while_nobody_has_counted(known):
    await known.says("!stimme 3")
    await known.says("!loeschen")
    await known.says("löschen")
    ballots = next(entry for entry in CATALOGUE if entry.table == "ballots")
    assert "kanari" not in (await rows(known, ballots))[ME]
    assert "0 von 16" in await known.says("!stand", by="leitung-ihk", place=ORGA)


async def test_the_rest_is_asked_for(known):
    await known.says("!loeschen")
    await known.says("LÖSCHEN")
    (post,) = [said for said in known.said if known.place_of(said) == ORGA]
    assert post.body.startswith(
        "Löschwunsch von Koordination Heidewinkel (Fachkräftenetzwerk Heidewinkel)\nGelöscht ist: "
    )
    assert "Zu entscheiden: Zuordnung zum Netzwerk, Check-in-Zeiten" in post.body
    number = known.said.index(post) + 1
    await known.says("Machen wir.", by="leitung-ihk", place=ORGA, answers=f"$sent{number}")
    assert any(said.body.endswith("Machen wir.") for said in known.said if "tn02" in said.room)


async def test_only_the_word_deletes_and_only_there(known):
    for word in ("ja", "ok", "👍", "!löschen", "nein", "LÖSCHEN"):
        await known.says("!loeschen") if word != "LÖSCHEN" else None
        assert "Gelöscht:" not in await known.says(word)
    assert await known.says("!loeschen", place="austausch") == (
        "Das geht nur unter vier Augen: bitte mir direkt !loeschen schreiben."
    )
    assert await known.says("!meinedaten", place="austausch") == (
        "Das geht nur unter vier Augen: bitte mir direkt !meinedaten schreiben."
    )


async def test_every_kind_of_data_is_explained(cohort):
    told = await cohort.says("!datenschutz alle")
    while "Weiter: !mehr" in told.rpartition("\n")[2]:
        told += "\n" + await cohort.says("mehr")
    for entry in personal():
        assert f"{entry.what}: {entry.why}" in told
