"""Who leads the course is changed by two where there are two; the course file does not undo it."""

from datetime import timedelta

import pytest

from bot.matrix.translate import translate
from storage.replies import ORGA
from tests.conftest import SAMPLE, SERVER

IHK, OTHER = f"@leitung-ihk:{SERVER}", f"@leitung-stiftung:{SERVER}"
NEW = "@neu:uni.example.org:8448"
IN = {"by": "leitung-ihk", "place": ORGA}
ALSO = {"by": "leitung-stiftung", "place": ORGA}
ASKED = (
    f"Neu in die Lehrgangsleitung? {NEW}\n"
    "Darf dann alles, was hier geht, und sieht die Anwesenheit aller.\n"
    f"Bestätigen muss jemand anderes aus der Lehrgangsleitung: {OTHER}\n"
    "ja oder nein, 10 Minuten lang"
)
LEADING = f"Lehrgangsleitung (2)\n{IHK}\n{OTHER}\nÄndern: "


async def leading(cohort):
    """The list, but for how to change it."""
    return (await cohort.says("!organisator", **IN)).rpartition("\nÄndern")[0].splitlines()[1:]


async def test_who_leads_and_who_is_not_there(cohort):
    assert (await cohort.says("!organisator", **IN)).startswith(LEADING)
    cohort.inside[OTHER].discard(cohort.room(ORGA))
    assert await leading(cohort) == [IHK, f"{OTHER}: nicht in diesem Raum, darf nichts"]


async def test_two_add_somebody_and_the_file_leaves_it_so(cohort):
    assert await cohort.says(f"!organisator dazu {NEW}", **IN) == ASKED
    assert await cohort.says("ja", **IN) == (
        f"Das muss jemand anderes bestätigen: {OTHER}\nZurückziehen: nein"
    )
    assert await cohort.says("ja", by="tn02", place=ORGA) == ""
    assert await cohort.says("ja", **ALSO) == (
        f"Neu in der Lehrgangsleitung: {NEW}\n"
        "Jetzt noch in diesen Raum einladen, vorher gilt es nicht."
    )
    refused = await cohort.says("!status", by=NEW, place=ORGA)
    assert refused.startswith("Diesen Befehl gibt es nur für die Lehrgangsleitung")
    cohort.inside[NEW] = {cohort.room(ORGA)}
    assert (await cohort.says("!status", by=NEW, place=ORGA)).startswith("Was ich als Nächstes")
    assert f"leitung-stiftung: !organisator dazu {NEW} {IHK}" in await cohort.says(
        "!protokoll", **IN
    )
    assert await cohort.loads() == []
    assert await leading(cohort) == [IHK, OTHER, NEW]
    named = SAMPLE.read_text("utf-8").replace(f'"{OTHER}"', f'"{OTHER}", "{NEW}"').encode()
    assert await cohort.imports(named) == []
    assert await cohort.loads() == [f"Entfernt: Lehrgangsleitung {NEW}"]


async def test_somebody_goes_and_the_file_does_not_bring_them_back(cohort):
    cohort.inside[OTHER].discard(cohort.room(ORGA))
    asked = await cohort.says(f"!organisator weg {OTHER}", **IN)
    assert asked == f"Aus der Lehrgangsleitung nehmen? {OTHER}\nja oder nein"
    assert (await cohort.says("ja", **IN)).startswith(
        f"Nicht mehr in der Lehrgangsleitung: {OTHER}"
    )
    assert await cohort.loads() == []
    assert await leading(cohort) == [IHK]
    cohort.inside[OTHER].add(cohort.room(ORGA))
    assert (await cohort.says("!status", **ALSO)).startswith("Diesen Befehl gibt es nur")
    without = SAMPLE.read_text("utf-8").replace(f', "{OTHER}"', "").encode()
    assert await cohort.imports(without) == []
    assert await cohort.loads() == [f"Neu: Lehrgangsleitung {OTHER}"]


async def test_the_last_one_stays(cohort):
    cohort.inside[OTHER].discard(cohort.room(ORGA))
    assert (await cohort.says(f"!organisator weg {IHK}", **IN)).startswith(f"{IHK} bleibt: Sonst")
    assert len(await leading(cohort)) == 2


async def test_who_is_to_go_can_be_asked_to_leave_the_room_first(cohort):
    asked = await cohort.says(f"!organisator weg {OTHER}", **IN)
    assert "erst aus diesem Raum entfernen, danach genügt das eigene ja." in asked
    assert (await cohort.says("ja", **IN)).startswith("Das muss jemand anderes bestätigen")


@pytest.mark.parametrize("by", [IN, ALSO])
async def test_either_can_say_no(cohort, by):
    await cohort.says(f"!organisator dazu {NEW}", **IN)
    assert await cohort.says("nein", **by) == "In Ordnung, es bleibt alles, wie es ist."
    assert await cohort.says("ja", **ALSO) == ""
    assert await leading(cohort) == [IHK, OTHER]


async def test_after_ten_minutes_it_is_too_late(cohort):
    await cohort.says(f"!organisator dazu {NEW}", **IN)
    cohort.now += timedelta(minutes=11)
    await cohort.says("ja", **ALSO)
    assert await leading(cohort) == [IHK, OTHER]


async def test_a_yes_to_ones_own_preview_adds_nobody(cohort):
    await cohort.says("!absagen w6", **ALSO)
    await cohort.says(f"!organisator dazu {NEW}", **IN)
    assert (await cohort.says("ja", **ALSO)).startswith("Hier warten zwei Fragen")
    assert await cohort.says("nein", **ALSO) == "In Ordnung, es bleibt alles, wie es ist."
    assert (await cohort.says("ja", **ALSO)).startswith("Neu in der Lehrgangsleitung")


async def test_a_thumb_of_the_other_one_is_enough_where_it_cannot_be_forged(cohort):
    await cohort.says(f"!organisator dazu {NEW}", **IN)
    asked = f"$sent{len(cohort.said)}"
    assert await cohort.reacts("👎", asked, by="tn02", place=ORGA) == ""
    assert (await cohort.reacts("👍", asked, **ALSO)).startswith("Neu in der Lehrgangsleitung")


NOBODY = (
    *("", "Leitung IHK", "@neu", "neu:uni.example.org", f"{NEW} {OTHER}", f"{NEW}x", f"«{NEW}»"),
    *(
        "@n eu:uni.example.org",
        "@neu:uni_example.org",
        "@n\u0435u:uni.example.org",
        "@neu:x.y\u0301",
    ),
    *(
        "@" + "n" * 251 + ":x.y",
        "https://matrix.to/#/Neu",
        "[@neu:x.y](https://a.example/#/@neu:x.y)",
    ),
)


async def test_only_a_full_id_names_somebody(cohort):
    for typed in NOBODY:
        cohort.now += timedelta(seconds=5)
        assert (await cohort.says(f"!organisator dazu {typed}", **IN)).startswith(
            "Dazu brauche ich genau eine volle Kennung, keinen Namen: @name:server.de"
        ), typed


async def test_a_pill_means_where_it_leads_whatever_it_is_called(cohort):
    link = (
        '<a href="https://matrix.to/#/%40neu%3Auni.example.org%3A8448">@falsch:uni.example.org</a>'
    )
    content = {
        "msgtype": "m.text",
        "body": "!organisator dazu @falsch:uni.example.org",
        "format": "org.matrix.custom.html",
        "formatted_body": f"!organisator dazu {link}",
    }
    event = {"type": "m.room.message", "event_id": "$p", "sender": IHK, "content": content}
    where = {"room_id": cohort.room(ORGA), "bot": "@kursbot:x", "direct": False}
    assert await cohort.hears(translate(event, now=cohort.now, **where)) == ASKED
    content["formatted_body"] += '<a href="https://matrix.to/#/@zwei:x.y">zwei</a>'
    event["event_id"] = "$q"
    two = await cohort.hears(translate(event, now=cohort.now, **where))
    assert two.startswith("Dazu brauche ich genau eine volle Kennung")
    assert await cohort.says(f"!organisator dazu https://matrix.to/#/{NEW}", **IN) == ASKED
