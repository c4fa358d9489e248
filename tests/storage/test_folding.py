"""What people type is matched with names in the course."""

import pytest

from storage.folding import fold_words, key_words, look_up, nearest

NAMES = {
    "heidewinkel": ["Heidewinkel"],
    "heidesand": ["Heidesand"],
    "panke spree": ["Panke & Spree"],
    "mint allianz panke spree": ["Panke & Spree"],
    "bergland sued": ["Bergland-Süd"],
    "elbaue": ["Elbaue"],
}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Panke & Spree", "panke spree"),
        ("FÖRDEBLICK", "foerdeblick"),
        ("fo\u0308rdeblick", "foerdeblick"),
        ("Straße", "strasse"),
        ("Café-Netz e. V.", "cafe netz e v"),
        ("ｍｉｎｔ", "mint"),
        ("  \n ", ""),
        ("🦕", ""),
        ("x" * 10_000, "x" * 300),
    ],
)
def test_fold_words(text, folded):
    assert fold_words(text) == folded


def test_key_words_leave_out_what_means_nothing():
    assert key_words("Wo sind die Folien von gestern?") == ["folien", "gestern"]
    assert key_words("die der das") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("heide", ["Heidewinkel", "Heidesand"]),
        ("Heidesand", ["Heidesand"]),
        ("heidesnad", ["Heidesand"]),
        ("das Netzwerk Elbaue bitte", ["Elbaue"]),
        ("spree", ["Panke & Spree"]),
        ("spree panke", ["Panke & Spree"]),
        ("berglandsud", ["Bergland-Süd"]),
        ("mint", ["Panke & Spree"]),
        ("quatsch", []),
        ("", []),
        ("&", []),
    ],
)
def test_a_whole_name_beats_a_part_and_a_part_beats_a_mistake(text, found):
    assert look_up(text, NAMES) == found


@pytest.mark.parametrize(
    ("typed", "known", "near"),
    [
        ("ihk", ["ihl", "ihk"], ["ihk"]),
        ("ihl", ["ihk"], []),
        ("bayren", ["bayern"], ["bayern"]),
        ("sachsen", ["sachsne", "sachsem"], ["sachsne", "sachsem"]),
        ("verstegung", ["verstetigung"], ["verstetigung"]),
        ("", ["a"], []),
    ],
)
def test_nearest_forgives_by_length(typed, known, near):
    assert nearest(typed, known) == near
