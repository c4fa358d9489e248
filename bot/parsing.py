"""Text → what the person wants: addressing, commands, typos, sentences, short answers; pure.

The rules are those of product E.1. `address` decides whether a message is for the bot at all,
`recognise` which command it asks for. Whether this person may run it is decided elsewhere.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from os.path import commonprefix
from typing import Final, NamedTuple

from storage.spelling import allowed, near

LONGEST: Final = 16_000  # characters read of a message; what Matrix allows is four times as much
SHORT: Final = 300  # a command word stands within these; a longer text is no sentence, no answer


@dataclass(frozen=True)
class Call:
    """A recognised command and the text behind it, as the person wrote it.

    `confirmed` if it was previewed, and this is the yes to that; `answer` is its folded word, or
    the time of day that was said instead.
    """

    command: str
    arguments: str
    confirmed: bool = False
    answer: str = ""


@dataclass(frozen=True)
class Word:
    """What a typed word stands for; `preset` precedes the typed arguments (`!stop` is `aus`)."""

    command: str
    preset: str = ""
    fuzzy: bool = True  # False for leader commands: never guessed, never suggested (rule 6)

    def call(self, arguments: str) -> Call:
        """What this word asks for with these arguments typed behind it."""
        return Call(self.command, f"{self.preset} {arguments}".strip())


@dataclass(frozen=True)
class Suggestion:
    """„Meinten Sie !word?“, and what a yes would run (rule 5)."""

    word: str
    call: Call


@dataclass(frozen=True)
class Unknown:
    """Addressed to the bot, but not understood (rule 10: short help in a DM, silence in a room)."""


class Sentence(NamedTuple):
    """Keywords which, said in a direct message without a command word, mean a command (rule 14).

    `keywords` are alternatives, separated by commas. All words of an alternative must occur in
    this order, others may stand between them. A word matches the beginning of a spoken word,
    `=word` the whole, `*word` the end, `#` a number. The arguments are `preset`, or the first
    group of `keep` found in the original text: only what the command needs, never the reason
    why somebody is ill.
    """

    keywords: str
    command: str
    preset: str = ""
    keep: re.Pattern[str] | None = None


_ALL: Final = re.compile(r"(.+)", re.DOTALL)
_NUMBER: Final = re.compile(r"(\d+)")
_BEHIND_COLON: Final = re.compile(r":\s*(.+)", re.DOTALL)
_NAME: Final = re.compile(r"\b(?:ist|über|bietet|hat|kann|hilft bei|hilft)\s+(.+?)\W*$", re.I)
_WHEN: Final = re.compile(
    r"(?<!guten )\b(heute|morgen|übermorgen|(?:nächsten? )?(?:mon|diens|donners|frei)tag"
    r"|(?:nächsten )?mittwoch|\d{1,2}\. ?(?:\d{1,2}\.?(?:\d{4})?|[a-zä]{3,9})"
    r"|w(?:ebinar )?\d+)(?!\w)",
    re.I,
)
_LEAD_TIME: Final = re.compile(
    r"((?:\d{1,3}|eine?[nr]?) ?(?:min|std|stunde|tag|woche)\w*(?:.{,40}\bvorher\b)?)", re.I
)

SENTENCES: Final[tuple[Sentence, ...]] = (
    Sentence("loesch", "loeschen"),
    Sentence("meine daten, daten ueber mich", "meinedaten"),
    Sentence("speicher, datenschutz, dsgvo, liest =mit", "datenschutz"),
    Sentence("keine erinner, nicht erinner, erinner nicht", "erinnerung", preset="aus"),
    Sentence("erinner", "erinnerung", keep=_LEAD_TIME),
    Sentence("frage =an leitung, frage =an lehrgangsleitung", "orga", keep=_BEHIND_COLON),
    Sentence("frage =an referent, frage =an dozent", "frage", keep=_BEHIND_COLON),
    Sentence("mensch sprech, mensch red, mensch schreib, echte mensch", "orga", keep=_ALL),
    Sentence("aufnahme, aufzeichn, aufgezeichnet, mitschnitt, =video, =videos", "aufzeichnung"),
    Sentence("kalender, outlook, =ics, ical", "kalender"),
    Sentence(
        "folie, *folien, unterlage, *material, material, skript, handout", "material", keep=_ALL
    ),
    Sentence("*zertifikat, zertifikat, bescheinig, teilnahmebe", "zertifikat"),
    Sentence("link, *link, zoom, einwahl, einwaehl, zugang, kenncode, videokonferenz", "link"),
    Sentence("komm rein, reinkomm, komm hinein, komm nicht =in, komm nicht =ins", "link"),
    Sentence("steh abstimm, steh wahl, stand abstimm, stand wahl, ergebnis, abgestimmt", "stand"),
    Sentence("wahlthem, abstimm, themen =wahl, meine stimme", "themen"),
    Sentence("aufgabe erledigt, aufgabe fertig, aufgabe gemacht", "erledigt"),
    Sentence("vorbereit, mitbring, hausaufgab, aufgabe, bis wann", "aufgabe"),
    Sentence("neu hier, nicht lesen, verschluesselt, verpasst, bisher geschah", "verpasst"),
    Sentence("check vergess, checkin vergess", "da", preset="war"),
    Sentence("war nicht =da, war nicht dabei, war krank", "da", preset="nicht"),
    Sentence("konnte nicht komm, konnte nicht teilnehm, konnte nicht dabei", "da", preset="nicht"),
    Sentence("=ich =war =da, =ich =war dabei, =war =ich =da, =war anwesend", "da", preset="war"),
    Sentence("werde fehlen, muss fehlen, fehle =am, fehle morgen", "abmelden", keep=_WHEN),
    Sentence("fehlen, fehle, fehlzeit, gefehlt, anwesen, wie oft", "anwesenheit"),
    Sentence("krank, abmeld, absag, kann nich, nicht dabei, nicht =da", "abmelden", keep=_WHEN),
    Sentence("nicht teilnehm, nicht komm, komm nicht, schaff nicht", "abmelden", keep=_WHEN),
    Sentence("verhindert, urlaub, melde mich =ab", "abmelden", keep=_WHEN),
    Sentence("=bin jetzt =da, =bin endlich =da, =bin wieder =da", "da"),
    Sentence("komme doch, doch dabei, doch komm, doch teilnehm", "abmelden", preset="zurück"),
    Sentence("wer dabei, wer macht =mit, wer nimmt teil, teilnehmer, alle netzwerk", "netzwerke"),
    Sentence("welche netzwerk, wie viele netzwerk", "netzwerke"),
    Sentence("referent, dozent, wer haelt, wer leitet", "referent", keep=_NUMBER),
    Sentence("alle termin, alle webinar, ganze programm", "programm", preset="alle"),
    Sentence("webinar #, programm, ablauf, uebersicht", "programm", keep=_NUMBER),
    Sentence("projekt, gruppe, abgabe", "projekt"),
    Sentence("heute", "heute"),
    Sentence("wann, naechst, heute, termin, uhrzeit", "naechstes"),
    Sentence("wer bietet, wer hat, wer kann, wer hilft", "suche", keep=_NAME),
    Sentence("mentoring, coaching, einzelgespraech", "mentoring"),
    Sentence("steckbrief, mein netzwerk", "steckbrief"),
    Sentence("rueckmeld, feedback, bewert", "feedback"),
    Sentence("wer =ist, erzaehl ueber, mehr ueber", "netzwerk", keep=_NAME),
    Sentence("hilfe, helfen, hilf, was kannst, wie funktionier, wer bist, befehle", "hilfe"),
    Sentence("danke, dank", "danke"),
)

# Command words which also open ordinary German sentences, and how many words may follow them
# when no `!` was typed: "da steht nur verschlüsselt" is no check-in, "Mensch, wie schön" no call.
OPENERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("da", "hier", "anwesend", "warda", "binda", "heute", "mensch"), 0),
    **dict.fromkeys(("stop", "stopp", "wann", "mehr", "neu"), 0),
    **dict.fromkeys(("danke", "hilfe", "webinar"), 1),
}

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})  # control, zero-width and bidi, lone surrogates
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_GENDER: Final = re.compile(  # needs a sign or a capital I: "Referent/in", never "Termin"
    r"(?<=[^\W\d_])(?:[/:*_·•(]-?(?i:in(?:nen)?)\)?|-(?i:innen)|(?<=[a-zäöüß])In(?:nen)?)(?![^\W_])"
)
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")  # "programm5" is a word and a number
_LEAD: Final = re.compile(r"^[\s:,;.!?)…–-]+")
_PREFIX: Final = re.compile(r"^[\s!/！／]+")
_SHOUT: Final = re.compile(r"[!！]{3}")
_REPLY: Final = re.compile(r"\A\s*> (?:\* )?<@[^\n]*(?:\n>[^\n]*)*\n*")
_ABOUT: Final = re.compile(r"\b(?:de[rnms]|vo[nm]|zum|beim|mit|im|k?eine?n?|unser)$", re.I)


def clean(text: str) -> str:
    """NFC without anything invisible, line breaks kept, cut at 16,000 characters.

    Never more than four combining marks in a row: sorting them takes quadratic time, and 64 KB
    of them would hold up everybody for three seconds.
    """
    text = text[:LONGEST]
    letters = set(text)
    text = text.translate({ord(char): None for char in letters if not _visible(char)})
    if any(map(unicodedata.combining, letters)):
        text = _few_marks(text)
    return unicodedata.normalize("NFC", text)


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 4:
            kept.append(char)
    return "".join(kept)


@lru_cache
def _visible(char: str) -> bool:
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return False  # variation selectors: they turn ☎ into an emoji
    return char in "\n\t" or unicodedata.category(char) not in _INVISIBLE


def words(text: str) -> str:
    """The folded words of a text with single spaces between them: "MINT-Mobil" → "mint mobil"."""
    plain = _GENDER.sub("", unicodedata.normalize("NFKC", clean(text[:2_000]))[:2_000])
    spelt = unicodedata.normalize("NFKD", plain.lower().translate(_UMLAUTS))
    letters = (char for char in spelt if unicodedata.category(char) != "Mn")
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


def fold(text: str) -> str:
    """A command word reduced to what must agree (rule 2): "Meine Daten!" → "meinedaten"."""
    return words(text).replace(" ", "")


class Vocabulary:
    """All words a person can type in one place, with umlauts or without."""

    def __init__(self, words: Mapping[str, Word]) -> None:
        """Raise ValueError if two words fold to the same key but mean different things."""
        self._entries: dict[str, tuple[str, Word]] = {}
        for spelling, word in words.items():
            key = fold(spelling)
            known, meaning = self._entries.setdefault(key, (spelling, word))
            if not key or meaning != word:
                raise ValueError(f"„{spelling}“ cannot be told from „{known}“")
        self.commands = frozenset(word.command for word in words.values())

    def exact(self, key: str, arguments: str) -> Call | None:
        """The call if `key`, already folded, is a word."""
        if key not in self._entries:
            return None
        return self._entries[key][1].call(arguments)

    def guess(self, typed: str, arguments: str) -> Call | Suggestion | None:
        """The call if exactly one meaning is nearest and near enough, else what to ask (rule 5).

        A leader's word is never the answer; where it is as near as a participant's, we ask. More
        than half of the letters must be right, so that "das" is not taken for "da".
        """
        found = near(typed, self._entries, at_most=allowed(typed) + 1)
        close = [(key, far) for key, far in found if far * 2 < min(len(key), len(typed))]
        nearest = [key for key, far in close if far == close[0][1]]
        offered = [key for key in nearest if self._entries[key][1].fuzzy]
        if not offered:
            return None
        best = max(offered, key=lambda key: len(commonprefix((key, typed))))
        spelling, word = self._entries[best]
        call = word.call(arguments)
        alone = len({self._entries[key][1] for key in nearest}) == 1
        return call if alone and close[0][1] <= allowed(typed) else Suggestion(spelling, call)


def is_command(text: str) -> bool:
    """Whether the text begins with the command sign, `!` or a `/` which the client let through."""
    return text.lstrip().startswith(("!", "/", "！", "／"))


def address(
    body: str, *, bot_names: Collection[str], direct: bool, mentioned: bool = False
) -> str | None:
    """What is said to the bot, without quote and bot name but with its `!`; None if not to it.

    Rule 1: in a direct chat everything; in a room what begins with `!` or with the bot's name or
    mentions it. Calling it at the end counts in a short message only: "danke kursbot!", but not
    "frag den Kursbot". `bot_names` are display name and full Matrix ID. `mentioned` is for pills:
    clients add a mention to every reply to a post of the bot, and that one should not count.
    """
    text = unquoted(body)
    if is_command(text):
        return None if not direct and _SHOUT.match(text) else text
    rest, first = _without_name(text, bot_names)
    called = rest != text and len(rest.split()) <= 3 and not _ABOUT.search(rest)
    return rest if direct or mentioned or first or called else None


def unquoted(body: str) -> str:
    """What somebody wrote, without the quote that old clients put before a reply."""
    return _REPLY.sub("", clean(body)).strip()


def _without_name(text: str, bot_names: Collection[str]) -> tuple[str, bool]:
    """The text without the bot's name at its start or end, and whether it stood at the start."""
    ordered = sorted((clean(name).strip(" @") for name in bot_names), key=len, reverse=True)
    names = "|".join(re.escape(name) for name in ordered if name)
    if not names:
        return text, False
    pill = rf"\[?@?(?:{names})\]?(?:\(https://matrix\.to/[^)\s]*\))?"
    if start := re.match(rf"{pill}(?!\w)[\s:,]*", text, re.I):
        return text[start.end() :], True
    if len(text) <= SHORT and (end := re.search(rf"[\s,]+{pill}\W*$", text, re.I)):
        return text[: end.start()], False
    return text, False


def recognise(
    text: str, vocabulary: Vocabulary, *, direct: bool
) -> Call | Suggestion | Unknown | None:
    """What a text returned by `address` asks for; None for silence (`!!!`, `!?`, nothing at all).

    The longest exact join of the first words wins (rules 2 and 3), then typos behind a `!` (rule
    5), then, in direct chats, sentences (rule 14). Without `!` only short direct messages may have
    typos: in a room people also talk about the bot.
    """
    text = clean(text)
    prefixed = is_command(text)
    text = _PREFIX.sub("", text)
    heads = _heads(text, prefixed)
    if not heads:
        return None
    for head in reversed(heads):
        if call := vocabulary.exact(*head):
            return call
    brief = direct and len(text.split()) <= 3 and yes_no(text) is None
    guess = _guess(heads[:3], vocabulary, prefixed) if prefixed or brief else None
    if isinstance(guess, Call) and prefixed:
        return guess
    # "kann Mittwoch nicht" is no mistyped "wann"
    sentence = _sentence(text, vocabulary) if direct else None
    return sentence or guess or Unknown()


def _heads(text: str, prefixed: bool) -> list[tuple[str, str]]:
    """The first word, the first two joined, …, each with the arguments it would leave."""
    ends = [token.end() for token in _TOKEN.finditer(text[:SHORT])][:8]
    heads = [(fold(text[:end]), _LEAD.sub("", text[end:]).rstrip()) for end in ends]
    if prefixed:
        return heads
    return [
        (key, rest)
        for key, rest in heads
        if key not in OPENERS or len(words(rest).split()) <= OPENERS[key]
    ]


def _guess(
    heads: list[tuple[str, str]], vocabulary: Vocabulary, prefixed: bool
) -> Call | Suggestion | None:
    """What to run, else what to ask; without `!` only a whole message is worth asking about."""
    guesses = [(vocabulary.guess(key, rest), rest) for key, rest in heads]
    calls = [guess for guess, _ in guesses if isinstance(guess, Call)]
    asked = [guess for guess, rest in guesses if guess and (prefixed or not rest)]
    return next(iter([*calls, *asked]), None)


def _sentence(text: str, vocabulary: Vocabulary) -> Call | None:
    spoken = words(text).split() if len(text) <= SHORT else []
    for keywords, command, preset, keep in SENTENCES:
        phrases = keywords.split(", ") if command in vocabulary.commands else []
        if any(_said(phrase, spoken) for phrase in phrases):
            found = keep.search(text) if keep else None
            return Call(command, found[1] if found else preset)
    return None


def _said(phrase: str, spoken: list[str]) -> bool:
    rest = iter(spoken)
    return all(any(_matches(keyword, word) for word in rest) for keyword in phrase.split())


def _matches(keyword: str, word: str) -> bool:
    match keyword[0]:
        case "=":
            return word == keyword[1:]
        case "*":
            return word.endswith(keyword[1:])
        case "#":
            return word.isdecimal()
    return word.startswith(keyword)


_TONES: Final = re.compile("[\U0001f3fb-\U0001f3ff]")


def emoji(key: str) -> str:
    """A reaction without skin tone and variation: "👍🏽" → "👍"."""
    return _TONES.sub("", clean(key))


_NUMERALS: Final = (
    *("null", "eins", "zwei", "drei", "vier", "fuenf"),
    *("sechs", "sieben", "acht", "neun", "zehn", "elf", "zwoelf"),
)
_BARE: Final = re.compile(
    r"(?:(?:ich|nehme|waehle|fuer|die|das|nr|nummer|thema|option) )*([0-9]{1,3}|[a-z]+)(?: bitte)?"
)
_YES: Final = re.compile(
    r"(?:(?:ja|jo|ja[pu]|j[eu]pp?|jawohl|ok|okay|passt|gerne?|genau|klar)(?: |$))+"
)
_NO: Final = re.compile(r"(?:(?:nein|noe|nee?|no|nicht|stopp?|abbrechen)(?: |$))+")
_POLITE: Final = re.compile(r"\b(?:bitte|danke|sehr|lieber|doch|dann|mal|super|prima)\b ?")
_THUMBS: Final = str.maketrans({"👍": " ja ", "👌": " ja ", "✅": " ja ", "👎": " nein "})


def number(text: str) -> int | None:
    """The number somebody answers with: "3.", "die drei", "Nr. 3", "3️⃣" (rule 8); else None."""
    bare = _BARE.fullmatch(words(text)) if len(text) <= SHORT and not is_command(text) else None
    if bare is None:
        return None
    if bare[1] in _NUMERALS:
        return _NUMERALS.index(bare[1])
    return int(bare[1]) if bare[1].isdecimal() else None


_CLOCK: Final = re.compile(
    r"(?:um )?(\d{1,2})(?:[:.](\d{2}) ?uhr|:(\d{2})| ?uhr(?: ?(\d{2}))?)"
    r"(?:\W+(?:erst )?später)?\W*",
    re.I,
)


def clock(text: str) -> str | None:
    """The time of day that somebody answers with: "14:00 – später", "14 Uhr"; else None."""
    found = _CLOCK.fullmatch(text) if len(text) <= SHORT else None
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or found[3] or found[4] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def yes_no(text: str) -> bool | None:
    """Whether somebody says yes or no and nothing else (rule 9); None for "ja, aber …"."""
    if len(text) > SHORT:  # what stands behind a cut could say the opposite
        return None
    spoken = re.sub(r"(.)\1{2,}", r"\1", words(text.translate(_THUMBS)))  # "jaaa"
    said = _POLITE.sub("", spoken).strip()
    return True if _YES.fullmatch(said) else False if _NO.fullmatch(said) else None
