"""Sentences in a direct chat which ask for a command without naming it (product E.1 rule 14)."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from bot.reading import SHORT, words
from bot.vocabulary import Call, Vocabulary


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
    Sentence("meine gruppe, meiner gruppe, unsere gruppe, unserer gruppe", "projekt"),
    Sentence(
        "steh abstimm, steh wahl, stand abstimm, stand wahl, ergebnis, abgestimmt, habe gestimmt",
        "stand",
    ),
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
    Sentence("stunden habe, stunden schon, =ue habe, =ue schon", "anwesenheit"),
    Sentence("krank, abmeld, absag, kann nich, nicht dabei, nicht =da", "abmelden", keep=_WHEN),
    Sentence("nicht teilnehm, nicht komm, komm nicht, schaff nicht", "abmelden", keep=_WHEN),
    Sentence("verhindert, urlaub, melde mich =ab", "abmelden", keep=_WHEN),
    Sentence("=bin jetzt =da, =bin endlich =da, =bin wieder =da", "da"),
    Sentence("komme doch, doch dabei, doch komm, doch teilnehm", "abmelden", preset="zurück"),
    Sentence("wer dabei, wer macht =mit, wer nimmt teil, teilnehmer, alle netzwerk", "netzwerke"),
    Sentence("welche netzwerk, wie viele netzwerk, wer sind anderen, wer =ist noch", "netzwerke"),
    Sentence("referent, dozent, wer haelt, wer leitet", "referent", keep=_NUMBER),
    Sentence("alle termin, alle webinar, ganze programm", "programm", preset="alle"),
    Sentence("was muss =bis, was muss mach, was =zu =tun", "aufgabe"),
    Sentence("webinar #, programm, ablauf, uebersicht", "programm", keep=_NUMBER),
    Sentence("projekt, gruppe, abgabe", "projekt"),
    Sentence("heute", "heute"),
    Sentence("wann, naechst, heute, termin, uhrzeit, was steht =an", "naechstes"),
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


def said(text: str, vocabulary: Vocabulary) -> Call | None:
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
