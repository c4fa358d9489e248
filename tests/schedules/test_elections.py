"""How the election begins and ends."""

import tomllib
from pathlib import Path

import pytest

import bot
from schedules.wahl_oeffnet import wahl_oeffnet
from schedules.wahl_schliesst import wahl_schliesst
from storage import polls
from storage.approval import RULE
from storage.models import Topic
from storage.replies import Ballot, Closing

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
OPENS, CLOSES = "2026-11-30 09:00", "2026-12-11 12:00"
OPTIONS = {
    1: "Schwierige Situationen",
    2: "Organisationsentwicklung",
    3: "Verstetigung",
    4: "Social Media",
}
CLOSED = "Die Abstimmung ist geschlossen. Danke fürs Mitmachen!"
TIED = f"{CLOSED} Das Ergebnis kommt von der Lehrgangsleitung."
CLEAR = f"{CLOSED} Das Ergebnis steht im Raum Ankündigungen."
FEW = "Verlängern: !umfrage verlaengern bis Mo 14.12. 12:00"
LATER = "Veröffentlicht wird erst danach."


async def test_the_election_opens_with_a_text_and_a_native_poll(stage):
    text = (
        "**Abstimmung: Welches Thema soll in den Januar-Webinaren drankommen?**\n"
        "1 – Schwierige Situationen\n"
        "2 – Organisationsentwicklung\n"
        "3 – Verstetigung\n"
        "4 – Social Media\n"
        "Die meisten Stimmen entscheiden, was am Mi 13.01. und am Mi 20.01. drankommt.\n"
        "Schluss: Fr 11.12., 12:00 Uhr. Die letzte Stimme zählt.\n"
        "Abstimmen: !stimme 3 schreiben, unten antippen oder mir direkt die Zahl schicken.\n"
        "Wer hier im Raum abstimmt, tut es offen: Die anderen können die Stimme sehen. Verdeckt "
        "geht es direkt bei mir, die Lehrgangsleitung sieht dann nur Summen."
    )
    question = "Welches Thema soll in den Januar-Webinaren drankommen?"
    assert await stage.says(wahl_oeffnet, OPENS, "") == [Ballot(text, question, OPTIONS, 1)]
    assert len(text) <= 600
    assert text.count("\n") < 12


async def test_several_votes_are_explained(stage):
    (ballot,) = await stage.says(wahl_oeffnet, OPENS, "", votes_per_person=2)
    assert ballot.choices == 2
    assert "Bis zu 2 Stimmen: !stimme 1 3 schreiben oder unten antippen." in ballot.text


async def test_a_long_list_is_cut_but_can_be_voted_on(stage):
    async with stage.chat.sessions.begin() as db:
        for number in range(5, 16):
            here = {"course_id": stage.chat.course.id, "key": f"t{number}"}
            db.add(Topic(**here, number=number, title=f"Ein längeres Thema {number}", short=""))
    (ballot,) = await stage.says(wahl_oeffnet, OPENS, "")
    assert len(ballot.options) == 15
    assert "8 – Ein längeres Thema 8\nund 7 weitere: !themen\n" in ballot.text
    assert ballot.text.count("\n") < 14


async def vote(stage, **votes):
    async with stage.chat.sessions.begin() as db:
        poll = await polls.election(db, stage.chat.course)
        for key, number in votes.items():
            await polls.cast(
                db,
                poll,
                mxid=f"@{key}:chat.example.org",
                event_id=f"${key}",
                answers=[str(number)],
                at=poll.opens,
            )


async def test_the_sample_result_names_the_tie(stage):
    sample = tomllib.loads(SAMPLE.read_text())["wahl"]["beispielstimmen"]
    await vote(stage, **sample)
    assert await stage.says(wahl_schliesst, CLOSES, "") == [
        (
            "orga",
            "**Ergebnis: 14 von 16 Stimmen**\n"
            "Verstetigung 5 – Platz A (Mi 13.01.)\n"
            "Schwierige Situationen 4, Social Media 4 – Gleichstand um Platz B (Mi 20.01.)\n"
            "Organisationsentwicklung 1\n"
            "Entscheiden: !platz B konflikt, !platz B socialmedia oder !stichwahl\n"
            "Veröffentlicht wird erst danach.",
        ),
        Closing(TIED, None),
    ]


NINE = {f"tn{number:02}": 3 if number < 6 else 1 for number in range(1, 10)}


async def test_a_clear_result_is_published(stage):
    await vote(stage, **NINE)
    assert await stage.says(wahl_schliesst, CLOSES, "") == [
        (
            "orga",
            "**Ergebnis: 9 von 16 Stimmen**\n"
            "Verstetigung 5 – Platz A (Mi 13.01.)\n"
            "Schwierige Situationen 4 – Platz B (Mi 20.01.)\n"
            "Organisationsentwicklung 0, Social Media 0\n"
            "Veröffentlicht und im Programm. Zurücknehmen: !rueckgaengig",
        ),
        (
            "ankuendigungen",
            "**Ergebnis (9 von 16): Verstetigung am Mi 13.01., Schwierige Situationen am "
            "Mi 20.01.**\n"
            "Es leiten: Referent/in Finanzierung und Verstetigung (Mi 13.01.), "
            "Referent/in Moderation und Konflikt (Mi 20.01.)\n"
            "Danke fürs Mitmachen. Alle Termine: !programm alle",
        ),
        Closing(CLEAR, None),
    ]


@pytest.mark.parametrize(
    ("votes", "first", "last"),
    [
        (
            {"tn01": 3, "tn02": 3, "tn03": 1},
            "**Ergebnis: 3 von 16 Stimmen**",
            [f"Nötig wären 8. {FEW}", "Entscheiden: !platz A verstetigung", LATER],
        ),
        (
            {},
            "**Ergebnis: 0 von 16 Stimmen**",
            [
                f"Nötig wären 8. {FEW}",
                "Entscheiden: !platz A konflikt, !platz A orgaentwicklung, !platz A verstetigung, "
                "!platz A socialmedia oder !stichwahl",
                LATER,
            ],
        ),
        (
            {f"tn{n:02}": 3 if n < 5 else 1 for n in range(1, 9)},
            "**Ergebnis: 8 von 16 Stimmen**",
            ["Entscheiden: !platz A konflikt, !platz A verstetigung oder !stichwahl", LATER],
        ),
    ],
)
async def test_nothing_is_published_that_is_not_clear(stage, votes, first, last):
    await vote(stage, **votes)
    (place, text), closing = await stage.says(wahl_schliesst, CLOSES, "")
    lines = text.split("\n")
    assert (place, lines[0], lines[-len(last) :]) == ("orga", first, last)
    assert closing == Closing(TIED, None)


async def test_without_a_minimum_somebody_must_have_voted(stage):
    (_, text), closing = await stage.says(wahl_schliesst, CLOSES, "", minimum=0)
    assert f"\nNiemand hat abgestimmt. {FEW}\n" in text
    assert closing == Closing(TIED, None)


async def test_the_announcement_has_a_picture_with_the_places(stage):
    await vote(stage, **NINE)
    async with stage.context(CLOSES, "") as ctx:
        await wahl_schliesst.run(ctx)
        orga, everybody = ctx.also
    assert orga.chart is None
    assert [(bar.label, bar.votes, bar.mark) for bar in everybody.chart.bars] == [
        ("3 – Verstetigung", 5, "Platz A (Mi 13.01.)"),
        ("1 – Schwierige Situationen", 4, "Platz B (Mi 20.01.)"),
        ("2 – Organisationsentwicklung", 0, ""),
        ("4 – Social Media", 0, ""),
    ]


async def test_what_is_heard_after_the_count_changes_nothing(stage):
    await vote(stage, **NINE)
    await stage.says(wahl_schliesst, CLOSES, "")
    await vote(stage, tn10=4, tn11=4)
    async with stage.context(CLOSES, "") as ctx:
        assert await polls.turnout(ctx.db, ctx.poll) == (9, 16)


async def test_the_rule_of_an_approval_vote_stands_with_its_result(stage):
    await vote(stage, **NINE)
    approval = {"procedure": "zustimmung", "votes_per_person": 4}
    (ballot,) = await stage.says(wahl_oeffnet, OPENS, "", **approval)
    assert "Alle Themen, die passen: !stimme 1 3 schreiben oder unten antippen." in ballot.text
    *_, (place, text), _ = await stage.says(wahl_schliesst, CLOSES, "", **approval)
    assert place == "ankuendigungen"
    assert RULE in text
    assert len(text) <= 600
