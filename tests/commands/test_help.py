"""!hilfe knows every command, and people only hear of what they may do."""

import pytest

import commands
from bot import vocabulary


async def test_every_command_is_on_some_page(cohort):
    shown = await cohort.says("!hilfe alle")
    while shown.endswith("Weiter: !mehr"):
        shown = shown.removesuffix("Weiter: !mehr") + await cohort.says("!mehr")
    listed = {line.split()[0] for line in shown.splitlines() if line.startswith("!")}
    allowed = {f"!{c.name}" for c in commands.discover().values() if not c.admin}
    assert listed == allowed


@pytest.mark.parametrize("name", sorted(commands.discover()))
async def test_every_command_explains_itself_with_an_example_that_runs(cohort, name):
    command = commands.discover()[name]
    place = "orga" if command.admin else "direct"
    by = "leitung-ihk" if command.admin else "tn02"
    explained = await cohort.says(f"!hilfe {name}", by=by, place=place)
    assert explained.startswith(f"!{name} – {command.help}\n")
    assert f"Beispiel: {command.example}" in explained
    assert command.example.startswith("!")
    assert "kenne ich" not in await cohort.says(command.example, by=by, place=place)


async def test_one_command(cohort):
    answer = (
        "!programm – Termine und Themen\n"
        "Dahinter kann stehen: Nummer, Tag oder Thema, oder „alle“\n"
        "Beispiel: !programm 5\n"
        "Geht auch: !plan, !termin, !termine, !webinar, !webinare\n"
        "Alles, was ich kann: !hilfe alle"
    )
    for text in ("!hilfe programm", "hilfe !Programm", "!hilfe progamm", "!hilfe plan"):
        assert await cohort.says(text) == answer


async def test_an_argument_that_must_be_there(cohort):
    assert (await cohort.says("!hilfe netzwerk")).splitlines()[1] == (
        "Dahinter gehört: ein Netzwerk (Name oder ein Teil davon)"
    )


async def test_a_command_that_does_not_exist(cohort):
    assert await cohort.says("!hilfe pizza") == (
        "„pizza“ kenne ich nicht. Alles, was ich kann: !hilfe alle"
    )


def test_all_words_can_be_told_apart():
    known = commands.discover()
    theirs, ours = (vocabulary.of(known.values(), leading=leading) for leading in (False, True))
    assert theirs.commands | ours.commands == set(known)


def test_a_command_has_the_name_of_its_file():
    for name, command in commands.discover().items():
        assert command.run.__module__ == f"commands.{name}"
        assert len(command.help) <= 40
