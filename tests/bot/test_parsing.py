"""What people type, in the order of the recognition rules (product E.1)."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing import address, recognise
from bot.reading import clean, fold, is_command, words
from bot.sentences import SENTENCES
from bot.short_answers import number, yes_no
from bot.vocabulary import Call, Suggestion, Unknown, Vocabulary, Word

BOT = ("Kursbot", "@kursbot:example.org")

# The first words of all participants' `eingabe` in course/dialoge.toml, and their neighbours.
TABLE = {
    "hilfe": "hilfe",
    "programm": "programm plan termine webinar",
    "naechstes": "nächstes next",
    "heute": "heute",
    "link": "link zoom einwahl zugang",
    "netzwerke": "netzwerke netzwerkliste",
    "netzwerk": "netzwerk",
    "suche": "suche",
    "biete": "biete",
    "steckbrief": "steckbrief vorstellen meinnetzwerk",
    "themen": "themen wahlthemen thema",
    "stimme": "stimme abstimmen",
    "stand": "stand ergebnis",
    "da": "da hier anwesend",
    "abmelden": "abmelden",
    "anwesenheit": "anwesenheit fehlzeiten",
    "material": "material unterlagen skript folien",
    "aufzeichnung": "aufzeichnung video aufnahme",
    "aufgabe": "aufgabe aufgaben hausaufgaben",
    "projekt": "projekt gruppe",
    "feedback": "feedback rückmeldung bewertung",
    "referent": "referent referentin dozent",
    "frage": "frage",
    "erinnerung": "erinnerung erinnerungen",
    "kalender": "kalender outlook",
    "zertifikat": "zertifikat bescheinigung",
    "datenschutz": "datenschutz dsgvo",
    "loeschen": "löschen",
    "verpasst": "verpasst aktuell",
    "orga": "orga mensch",
    "mentoring": "mentoring coaching einzelgespräch",
    "mehr": "mehr",
    "danke": "danke",
}
PHRASES = {
    "alle termine": Word("programm", "alle"),
    "stop": Word("erinnerung", "aus"),
    "bin da": Word("da"),
    "war da": Word("da"),
    "meine daten": Word("meinedaten"),
    "meine gruppe": Word("projekt"),
    "wie oft habe ich gefehlt": Word("anwesenheit"),
    "frage an die referentin": Word("frage"),
    "frage an die lehrgangsleitung": Word("orga"),
}
ADMIN = ("ansage", "verschieben", "absagen", "umfrage", "platz", "status", "pause", "stopp alles")
SINGLE = {word: Word(command) for command, typed in TABLE.items() for word in typed.split()}
LEADERS = {word: Word(word.replace(" ", "_"), fuzzy=False) for word in ADMIN}
VOCABULARY = Vocabulary({**SINGLE, **PHRASES, **LEADERS})


def in_room(text):
    heard = address(text, bot_names=BOT, direct=False)
    return None if heard is None else recognise(heard, VOCABULARY, direct=False)


def in_direct_chat(text):
    heard = address(text, bot_names=BOT, direct=True)
    return None if heard is None else recognise(heard, VOCABULARY, direct=True)


# --- rule 1: where the bot reacts


@pytest.mark.parametrize(
    "text",
    [
        "Das Programm war gestern super!",
        "Hilfe, ich komme nicht ins Zoom",
        "Link kommt gleich",
        "hilfe",
        "Kursbots sind toll",
        "Frag den Kursbot",
        "Hilfe vom Kursbot",
        "Das habe ich gestern auch schon den Kursbot gefragt, Kursbot",
        "> <@tn03:example.org> !link\n\nHilfe, ich komme nicht ins Zoom",
        "> !link",
        "5 ! und noch mehr",
        "!!! Achtung, Programm geändert",
        "",
        "\x00\u200b",
    ],
)
def test_a_room_is_left_alone(text):
    assert address(text, bot_names=BOT, direct=False) is None


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("!link", "!link"),
        ("  ! link ", "! link"),
        ("/link", "/link"),
        ("！link", "！link"),
        ("\ufeff\u200b!link", "!link"),
        ("Kursbot: link", "link"),
        ("kursbot, link", "link"),
        ("KURSBOT link", "link"),
        ("@Kursbot link", "link"),
        ("@kursbot:example.org: !link", "!link"),
        ("[Kursbot](https://matrix.to/#/@kursbot:example.org): link", "link"),
        ("danke kursbot!", "danke"),
        ("Kursbot, danke!", "danke!"),
        ("Danke, lieber Kursbot 😊", "Danke, lieber"),
        ("Vielen Dank, @kursbot:example.org", "Vielen Dank"),
        ("> <@tn03:example.org> !absagen\n> alles\n\n!link", "!link"),
        ("> * <@tn03:example.org> winkt\n\nKursbot: link", "link"),
        ("Kursbot", ""),
    ],
)
def test_a_room_may_call_the_bot(text, heard):
    assert address(text, bot_names=BOT, direct=False) == heard


def test_a_mention_calls_the_bot_wherever_it_stands():
    asked = "Wo ist denn heute bitte der Link zu finden, Kursbot?"
    assert address(asked, bot_names=BOT, direct=False, mentioned=False) is None
    assert (
        address(asked, bot_names=BOT, direct=False, mentioned=True)
        == "Wo ist denn heute bitte der Link zu finden"
    )


def test_everything_in_a_direct_chat_is_for_the_bot():
    assert address("Hilfe, ich komme nicht rein", bot_names=BOT, direct=True) == (
        "Hilfe, ich komme nicht rein"
    )
    assert address("Kursbot, link", bot_names=BOT, direct=True) == "link"
    assert (
        address("> <@kursbot:example.org> Ja oder Nein?\n\nja", bot_names=(), direct=True) == "ja"
    )


@pytest.mark.parametrize("text", ["!link", " ! link", "/link", "！link", "／link", "!"])
def test_a_command_sign_is_seen(text):
    assert is_command(text)


@pytest.mark.parametrize("text", ["link", "", "link!", "5/3"])
def test_no_command_sign_is_seen(text):
    assert not is_command(text)


def test_a_named_bot_in_a_room_takes_words_but_no_typos_and_no_sentences():
    assert in_room("Kursbot: programm 5") == Call("programm", "5")
    assert in_room("Kursbot progamm") == Unknown()
    assert in_room("Kursbot, wo ist der Link?") == Unknown()
    assert in_room("Kursbot, Hilfe, ich komme nicht rein") == Unknown()
    assert in_room("danke kursbot!") == Call("danke", "")


# --- rules 2 and 3: normalising


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Nächstes", "naechstes"),
        ("NÄCHSTES!", "naechstes"),
        ("na\u0308chstes", "naechstes"),
        ("löschen", "loeschen"),
        ("Grüße", "gruesse"),
        ("GROẞ", "gross"),
        ("Café", "cafe"),
        ("meine Daten", "meinedaten"),
        ("MINT-Mobil", "mintmobil"),
        ("„Eltern“?!", "eltern"),
        ("ｌｉｎｋ", "link"),
        ("li\u00adnk\u200b", "link"),
        ("\u202elink", "link"),
        ("👍", ""),
        ("…!?", ""),
    ],
)
def test_folding(text, key):
    assert fold(text) == key


@pytest.mark.parametrize(
    "ending",
    [
        *("/in", ":in", "*in", "_in", "·in", "•in", "In", "/-in", "(in)"),
        *(
            "/innen",
            ":innen",
            "*innen",
            "_innen",
            "-innen",
            "·innen",
            "Innen",
            "/-innen",
            "(innen)",
        ),
    ],
)
def test_gender_endings_are_dropped(ending):
    assert fold(f"Referent{ending}") == "referent"
    assert words(f"Referent{ending} gesucht") == "referent gesucht"
    assert in_room(f"!referent{ending} 3") == Call("referent", "3")


def test_a_shouted_gender_ending_is_dropped():
    assert fold("REFERENT/IN") == fold("REFERENT:INNEN") == "referent"


@pytest.mark.parametrize(
    "word", ["termin", "TERMIN", "Termin", "referentin", "innen", "in", "log-in"]
)
def test_words_which_merely_end_in_in_stay(word):
    assert fold(word) == word.lower().replace("-", "")


def test_words_keep_their_gaps():
    assert words("  MINT-Mobil,  für\nÄltere! ") == "mint mobil fuer aeltere"


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert words(words(text)) == words(text)
    assert fold(text) == words(text).replace(" ", "")


@given(st.text(st.characters(codec="utf-8")))
def test_folding_agrees_for_composed_and_decomposed_letters(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text())
def test_cleaning_leaves_nothing_invisible(text):
    assert clean(clean(text)) == clean(text)
    assert {unicodedata.category(c) for c in clean(text) if c not in "\n\t"}.isdisjoint(
        {"Cc", "Cf", "Cs"}
    )


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("!programm", Call("programm", "")),
        ("!Programm", Call("programm", "")),
        ("!PROGRAMM", Call("programm", "")),
        ("! programm", Call("programm", "")),
        ("!prog ramm", Call("programm", "")),
        ("!programm5", Call("programm", "5")),
        ("!programm alle", Call("programm", "alle")),
        ("!meine Daten", Call("meinedaten", "")),
        ("!meinedaten", Call("meinedaten", "")),
        ("!netzwerkliste", Call("netzwerke", "")),
        ("!netzwerk liste", Call("netzwerke", "")),
        ("!netzwerke liste", Call("netzwerke", "liste")),
        ("!netzwerk MINT-Region Fördeblick", Call("netzwerk", "MINT-Region Fördeblick")),
        ("!wie oft habe ich gefehlt", Call("anwesenheit", "")),
        ("!alle termine bitte", Call("programm", "alle bitte")),
        ("!stop", Call("erinnerung", "aus")),
        ("!frage: Wie geht das?", Call("frage", "Wie geht das?")),
        ("!frage:Wie geht das?", Call("frage", "Wie geht das?")),
        ("!Link.", Call("link", "")),
        ("!link 👍", Call("link", "👍")),
        ("!ansage Zeile 1\r\n\nZeile 2 ", Call("ansage", "Zeile 1\n\nZeile 2")),
        ("!biete Cafe\u0301\u200b \x00Ma\u0308rz\u202e", Call("biete", "Café März")),
        ("!verschieben w4 03.12. 10:00", Call("verschieben", "w4 03.12. 10:00")),
        ("!stopp alles", Call("stopp_alles", "")),
    ],
)
def test_words_and_their_arguments(text, call):
    assert in_room(text) == call


def test_two_words_which_sound_alike_must_mean_the_same():
    same = Vocabulary({"nächstes": Word("naechstes"), "naechstes": Word("naechstes")})
    assert recognise("!NÄCHSTES", same, direct=False) == Call("naechstes", "")
    with pytest.raises(ValueError, match=r"„naechstes“ .* „nächstes“"):
        Vocabulary({"nächstes": Word("naechstes"), "naechstes": Word("programm")})
    with pytest.raises(ValueError, match="„!!“"):
        Vocabulary({"!!": Word("programm")})


# --- rules 4, 5 and 6: typos


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("!nachstes", Call("naechstes", "")),
        ("!loschen", Call("loeschen", "")),
        ("!zoon", Call("link", "")),
        ("!themne", Call("themen", "")),
        ("!tehmen", Call("themen", "")),
        ("!theme", Call("themen", "")),
        ("!matreial", Call("material", "")),
        ("!zertifkat", Call("zertifikat", "")),
        ("!progamm5", Call("programm", "5")),
        ("!mat3rial", Call("material", "")),
        ("!meine datn", Call("meinedaten", "")),
        ("!suhe Eltern einbinden", Call("suche", "Eltern einbinden")),
    ],
)
def test_typos_are_forgiven(text, call):
    assert in_room(text) == call


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("!zom", Suggestion("zoom", Call("link", ""))),
        ("!zom morgen", Suggestion("zoom", Call("link", "morgen"))),
        ("!zertfkt", Suggestion("zertifikat", Call("zertifikat", ""))),
        ("!alletrmni", Suggestion("alle termine", Call("programm", "alle"))),
        ("!plaz", Suggestion("plan", Call("programm", ""))),  # as near to the leaders' !platz
    ],
)
def test_a_step_further_away_is_a_question(text, asked):
    assert in_room(text) == asked


def test_two_commands_equally_near_are_a_question():
    two = Vocabulary({"stand": Word("stand"), "strand": Word("strand")})
    assert recognise("!strnd", two, direct=True) == Suggestion("strand", Call("strand", ""))
    same = Vocabulary({"stand": Word("stand"), "strand": Word("stand")})
    assert recognise("!strnd", same, direct=True) == Call("stand", "")


@pytest.mark.parametrize(
    "text", ["!pizza", "!hallo welt", "!d", "!ja", "!das", "!x", "!3", "!مرحبا"]
)
def test_what_is_too_far_away_is_unknown(text):
    assert in_room(text) == Unknown()


@pytest.mark.parametrize("text", ["!ansag", "!verschiebe", "!umfrge", "!statsu", "!paus"])
def test_leaders_words_are_never_guessed(text):
    assert in_room(text) == in_direct_chat(text) == Unknown()


def test_a_participant_who_cancels_signs_off():
    """Rule 6: in a direct chat the sentence is understood although the leaders' word is not."""
    assert in_room("!absagn") == Unknown()
    assert in_direct_chat("!absagn") == Call("abmelden", "")


def test_leaders_words_are_recognised_when_exact():
    assert in_room("!Absagen 6") == Call("absagen", "6")


# --- rules 8 and 9: short answers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("3.", 3),
        (" 3 ", 3),
        ("3!", 3),
        ("３", 3),
        ("3️⃣", 3),
        ("③", 3),
        ("die drei", 3),
        ("Drei", 3),
        ("Nr. 3", 3),
        ("Nummer 3", 3),
        ("Thema 3", 3),
        ("ich nehme die 3 bitte", 3),
        ("Doch lieber die 2", 2),
        ("ich stimme für 4", 4),
        ("0", 0),
        ("12", 12),
        ("fünf", 5),
        ("zwölf", 12),
    ],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!3",
        "/3",
        "w3",
        "3,5",
        "3.12.",
        "1 2",
        "2 gute Beispiele",
        "1000",
        "die",
        "drei vier",
        "x",
    ],
)
def test_no_numbers(text):
    assert number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ja",
            "Ja",
            "JA!",
            "jo",
            "jap",
            "ok",
            "okay",
            "passt",
            "gerne",
            "genau",
            "Ja bitte",
            "jaaa",
        ),
        *("ja gerne", "ok 👍", "👍", "👍🏽", "👍️", "👍🏿\ufe0f", "ja 😊", "ja, danke"),
    ],
)
def test_yes(text):
    assert yes_no(text) is True


@pytest.mark.parametrize(
    "text",
    ["nein", "nö", "noe", "ne", "nee", "lieber nicht", "stopp", "Nein danke!", "bitte nicht", "👎"],
)
def test_no(text):
    assert yes_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "danke",
        "bitte",
        "ja ohne Ansage",
        "passt nicht",
        "ja, aber später",
        "jain",
        "ja nein",
        "?",
    ],
)
def test_neither_yes_nor_no(text):
    assert yes_no(text) is None


def test_an_answer_does_not_hide_its_end():
    assert yes_no("ja" + " " * 400 + ", aber nicht alle") is None
    assert number("3" + " " * 400 + "oder 4") is None


def test_a_yes_which_nobody_asked_for_is_no_command():
    assert [in_direct_chat(text) for text in ("ja", "nein", "ok", "👍", "3")] == [
        *(Unknown(), Unknown(), Unknown()),
        None,
        Unknown(),
    ]


# --- rule 10: unknown and silence


@pytest.mark.parametrize("text", ["!", "!!!", "!?", "! ?", "/", "!!", "…", "", " ", "!👍", "\x00"])
def test_silence(text):
    assert in_direct_chat(text) is None
    assert recognise(text, VOCABULARY, direct=False) is None


def test_a_long_story_is_unknown():
    story = "Gestern traf ich im Verein viele nette Leute und wir sprachen über das Wetter. " * 40
    assert in_direct_chat(story) == Unknown()
    assert in_direct_chat(story + "Wo ist der Link?") == Unknown()
    assert in_direct_chat("Mensch, das ist ja toll") == Unknown()
    assert in_direct_chat("guten Morgen") == Unknown()
    assert in_direct_chat("Da hast du recht") == Unknown()


# --- rule 14: free words and sentences in direct chats


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("hilfe?", Call("hilfe", "")),
        ("hilfe alle", Call("hilfe", "alle")),
        ("Hilfe, ich komme nicht ins Zoom", Call("link", "")),
        ("alle termine", Call("programm", "alle")),
        ("Webinar 5", Call("programm", "5")),
        ("Webniar 5", Call("programm", "5")),
        ("Wann ist Webinar 5?", Call("programm", "5")),
        ("zeig mir bitte alle Termine", Call("programm", "alle")),
        ("wann ist das nächste webinar?", Call("naechstes", "")),
        ("heute?", Call("heute", "")),
        ("Wer ist in meiner Gruppe?", Call("projekt", "")),
        ("wofür habe ich gestimmt?", Call("stand", "")),
        ("was steht morgen an", Call("naechstes", "")),
        ("wie viele Stunden habe ich schon", Call("anwesenheit", "")),
        ("Was muss ich bis Mittwoch machen?", Call("aufgabe", "")),
        ("Was muss ich tun, wenn ich krank bin? Bis wann?", Call("aufgabe", "")),
        ("wer sind die anderen?", Call("netzwerke", "")),
        ("Ist heute was", Call("heute", "")),
        ("wo ist der link??", Call("link", "")),
        ("Ich finde den Zoomlink nicht", Call("link", "")),
        ("ich komme nicht rein", Call("link", "")),
        ("Danke, und wo ist der Link?", Call("link", "")),
        ("wer ist dabei", Call("netzwerke", "")),
        ("wer ist wattkante?", Call("netzwerk", "wattkante")),
        ("Wer ist Panke & Spree?", Call("netzwerk", "Panke & Spree")),
        ("Wer bietet MINT-Mobil?", Call("suche", "MINT-Mobil")),
        ("wie steht die abstimmung?", Call("stand", "")),
        ("wo sind die folien von gestern", Call("material", "wo sind die folien von gestern")),
        ("gibt es eine aufnahme?", Call("aufzeichnung", "")),
        ("was sollen wir vorbereiten", Call("aufgabe", "")),
        ("kann ich das in outlook haben", Call("kalender", "")),
        ("was speicherst du über mich?", Call("datenschutz", "")),
        ("lösch meine daten", Call("loeschen", "")),
        ("ich bin neu hier", Call("verpasst", "")),
        ("da steht nur verschlüsselt", Call("verpasst", "")),
        ("ich kann die Nachrichten nicht lesen", Call("verpasst", "")),
        ("Wie oft darf ich fehlen?", Call("anwesenheit", "")),
        ("Bekomme ich ein Zertifikat?", Call("zertifikat", "")),
        ("bitte keine Erinnerungen mehr", Call("erinnerung", "aus")),
        (
            "frage an die referentin: wie kommt man in die lokalzeitung",
            Call("frage", "wie kommt man in die lokalzeitung"),
        ),
        ("Ich habe eine Frage an den Dozenten: Wo ist das?", Call("frage", "Wo ist das?")),
        (
            "Frage an die Lehrgangsleitung: Wer zahlt?",
            Call("orga", "Wer zahlt?"),
        ),
        (
            "Ich möchte mit einem Menschen sprechen",
            Call("orga", "Ich möchte mit einem Menschen sprechen"),
        ),
        ("was kannst du?", Call("hilfe", "")),
        ("da", Call("da", "")),
        ("Hier!", Call("da", "")),
        ("bin da", Call("da", "")),
        ("war da", Call("da", "")),
        ("anwesend", Call("da", "")),
        ("da 👍", Call("da", "👍")),
        ("Vielen Dank!", Call("danke", "")),
    ],
)
def test_free_words_in_a_direct_chat(text, call):
    assert in_direct_chat(text) == call


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Bin morgen krank", "morgen"),
        ("bin krank", ""),
        ("Guten Morgen, ich bin krank", ""),
        ("ich kann am 9.12. leider nicht", "9.12."),
        ("Am 9. Dezember kann ich wegen einer Operation nicht", "9. Dezember"),
        ("ich werde am Mittwoch fehlen", "Mittwoch"),
        ("nächsten Mittwoch bin ich im Urlaub", "nächsten Mittwoch"),
        ("Webinar 6 muss ich absagen", "Webinar 6"),
    ],
)
def test_somebody_signing_off_gives_a_day_and_never_a_reason(text, when):
    assert in_direct_chat(text) == Call("abmelden", when)


@pytest.mark.parametrize(
    ("keyword", "command"),
    [
        *((word, "link") for word in ("link", "zoom", "einwahl", "zugang", "komme nicht rein")),
        *((word, "naechstes") for word in ("wann", "naechste", "termin")),
        *((word, "material") for word in ("folien", "unterlagen", "material")),
        *((word, "anwesenheit") for word in ("fehlen", "anwesend")),
        *((word, "abmelden") for word in ("kann nicht", "krank", "abmelden", "absagen")),
        *((word, "aufzeichnung") for word in ("aufnahme", "aufzeichnung", "video")),
        *((word, "datenschutz") for word in ("speicherst", "datenschutz")),
        *((word, "verpasst") for word in ("neu hier", "nicht lesen", "verschluesselt")),
        ("zertifikat", "zertifikat"),
    ],
)
def test_every_keyword_of_rule_14(keyword, command):
    answer = in_direct_chat(f"ähm also {keyword} oder so")
    assert isinstance(answer, Call)
    assert answer.command == command


def test_sentences_need_a_direct_chat():
    for text in ("!wo ist der link", "wo ist der link"):
        assert recognise(text, VOCABULARY, direct=False) == Unknown()
        assert recognise(text, VOCABULARY, direct=True) == Call("link", "")


def test_a_sentence_whose_command_does_not_exist_is_skipped():
    few = Vocabulary({"nächstes": Word("naechstes")})
    assert recognise("Ist heute was", few, direct=True) == Call("naechstes", "")
    assert recognise("wo ist der link", few, direct=True) == Unknown()


def test_typos_without_a_sign_only_in_short_direct_messages():
    assert in_direct_chat("progamm") == Call("programm", "")
    assert in_direct_chat("zom") == Suggestion("zoom", Call("link", ""))
    assert in_direct_chat("zom ist da") == Unknown()
    assert in_direct_chat("progamm ist ein schwieriges Wort") == Unknown()


def test_sentences_are_written_as_they_are_compared():
    phrases = [phrase for sentence in SENTENCES for phrase in sentence.keywords.split(", ")]
    spelt = [keyword for phrase in phrases for keyword in phrase.split() if keyword != "#"]
    assert [keyword for keyword in spelt if keyword.lstrip("=*") != fold(keyword)] == []


# --- robustness

FLOODS = {
    "signs": "!" * 65_536,
    "signs and spaces": "! " * 32_768,
    "marks": "a" + "\u0300\u0316" * 32_000,
    "marks and joiners": "a" + "\u0300\u0316\u0300\u0316\u200d" * 13_000,
    "ligatures": "!" + "\ufdfa" * 21_000,
    "families": "👩\u200d👩\u200d👧" * 3_600,
    "names": "kursbot " + " ," * 30_000 + "kursbot",
    "quotes": "> <@a\n>" * 9_000,
    "surrogates": "\ud800" * 20_000,
    "overrides": "!link \u202e\x00" * 9_000,
    "umlauts": "ä" * 32_768,
    "endings": "!" + "Referent/in" * 6_000,
    "digits": "1a" * 32_000,
    "yes": "ja " * 21_000,
    "long argument": "!suche " + "x" * 65_000,
    "sentence": "wer ist " + "! a" * 90,
}


@pytest.mark.parametrize("body", FLOODS.values(), ids=FLOODS.keys())
@pytest.mark.parametrize("direct", [True, False])
def test_a_flood_takes_less_than_20_ms(body, direct):
    def listen():
        started = time.process_time()
        heard = address(body, bot_names=BOT, direct=direct)
        recognise(heard or body, VOCABULARY, direct=direct)
        number(body)
        yes_no(body)
        return time.process_time() - started

    assert min(listen() for _ in range(5)) < 0.02


@given(
    body=st.one_of(st.text(), st.text(st.characters(categories=["L", "M", "P", "S", "C", "Z"]))),
    sign=st.sampled_from(["", "!", "/", "Kursbot: ", "> <@a:b> c\n\n"]),
    direct=st.booleans(),
    mentioned=st.booleans(),
)
def test_no_text_is_an_error(body, sign, direct, mentioned):
    heard = address(sign + body, bot_names=BOT, direct=direct, mentioned=mentioned)
    assert heard is not None or not direct
    answer = recognise(heard if heard is not None else body, VOCABULARY, direct=direct)
    assert answer is None or isinstance(answer, Call | Suggestion | Unknown)
    assert number(body) is None or number(body) >= 0
    assert yes_no(body) in (True, False, None)


@given(
    word=st.sampled_from(sorted(SINGLE)),
    sign=st.sampled_from(["!", "! ", "/", "！"]),
    arguments=st.text(st.sampled_from("abcäöüß 'Z"), max_size=30),
)
def test_a_word_is_recognised_in_any_case_with_any_arguments(word, sign, arguments):
    meant = SINGLE[word].call(arguments.strip())
    for spelling in (word, word.upper(), word.capitalize(), fold(word)):
        answer = recognise(f"{sign}{spelling} 'x {arguments}", VOCABULARY, direct=False)
        assert answer == Call(meant.command, f"'x {arguments}".strip())
