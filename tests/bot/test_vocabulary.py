"""The words of all commands that there are: each variant is understood, and nearly every typo."""

import random
import string
import tomllib
from pathlib import Path

import pytest

import commands
from bot import vocabulary
from bot.parsing import recognise
from bot.reading import fold
from bot.vocabulary import Call

VOCABULARY = vocabulary.of(commands.discover().values())
OURS = [c for c in commands.discover().values() if not c.admin]
WORDS = {
    fold(word): Call(command.name, preset)
    for command in OURS
    for word, preset in ({command.name: ""} | dict.fromkeys(command.aliases, "")).items()
} | {fold(word): Call(c.name, preset) for c in OURS for word, preset in c.phrases.items()}
DIALOGUES = tomllib.loads(Path("tests/data/dialoge.toml").read_text("utf-8"))["d"]
MEANING = {
    **{"programm-alle": "programm", "programm-nummer": "programm", "heute-nein": "heute"},
    **{"netzwerke-laendlich": "netzwerke", "netzwerk-mehrdeutig": "netzwerk"},
    **{"suche-treffer": "suche", "suche-leer": "suche", "themen-vor-wahl": "themen"},
    **{"stimme-im-raum": "stimme", "stimme-zu-spaet": "stimme", "da-ausserhalb": "da"},
    **{"anwesenheit-raum": "anwesenheit", "anwesenheit-dm": "anwesenheit"},
    **{"anwesenheit-knapp": "anwesenheit", "material-fehlt": "material"},
    **{"feedback-frage": "feedback", "erinnerung-aus": "erinnerung"},
}
NUMBERS = ("3", "die drei", "1", "2 gute beispiele, etwas schnell")
"""What these mean depends on what is open: the dialogues themselves are the test of that."""

VARIANTS = [
    (text, MEANING.get(d["id"], d["id"]), where)
    for d in DIALOGUES
    if d["wo"] in ("dm", "raum")
    and d["id"] not in ("unbekannt", "meinten-sie", "kein-befehl", "admin-nicht-berechtigt")
    for key, where in (("eingabe", d["wo"]), ("eingabe_dm", "dm"))
    for text in d.get(key, ())
    if text not in NUMBERS
]


@pytest.mark.parametrize(("text", "command", "where"), VARIANTS)
def test_every_variant_means_its_command(text, command, where):
    said = text.removesuffix(" kursbot!")
    call = recognise(said, VOCABULARY, direct=where == "dm")
    assert isinstance(call, Call)
    assert call.command == command


def typo(word, chance):
    """One slip of the finger: a letter replaced, lost, added, or swapped with its neighbour."""
    place = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    kind = chance.choice(["replace", "lose", "add", "swap"])
    if kind == "swap":
        place = min(place, len(word) - 2)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + ("" if kind == "lose" else letter) + word[place + (kind != "add") :]


def measured(typos, *, seed=2026, rounds=100):
    """The shares of typed words understood rightly and wrongly; unchanged words do not count."""
    chance = random.Random(seed)
    answers = []
    for word, meaning in WORDS.items():
        for _ in range(rounds):
            typed = word
            for _ in range(typos):
                typed = typo(typed, chance)
            if typed != word:
                answer = recognise(f"!{typed}", VOCABULARY, direct=False)
                answers.append(answer == meaning if isinstance(answer, Call) else None)
    return answers.count(True) / len(answers), answers.count(False) / len(answers)


def test_one_typo_is_nearly_always_understood_and_never_misunderstood():
    right, wrong = measured(1)
    assert right >= 0.95
    assert wrong <= 0.001


def test_two_typos_are_seldom_misunderstood():
    right, wrong = measured(2, rounds=50)
    assert right >= 0.6
    assert wrong <= 0.005
