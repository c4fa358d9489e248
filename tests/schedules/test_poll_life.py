"""The poll from its opening to its result, in the rooms of the sample course."""

from datetime import timedelta

from bot.incoming import NativeVote

POLL_START, POLL_END = "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.end"


def click(chat, on, *choices, by, event_id):
    return NativeVote(
        event_id=event_id,
        room_id=chat.room("austausch"),
        sender=f"@{by}:chat.example.org",
        poll_event=on,
        choices=choices,
        sent=chat.now,
        now=chat.now,
    )


async def test_three_ways_to_vote_are_one_vote_and_the_result_goes_to_the_organisers(chat):
    await chat.loads()
    await chat.clock_strikes("2026-11-29 12:00")
    await chat.clock_strikes("2026-11-30 09:00")
    (number,) = [n for n, said in enumerate(chat.said, 1) if said.type == POLL_START]
    poll = f"$sent{number}"
    chat.at("2026-12-01 09:10")
    await chat.hears(click(chat, poll, "1", by="tn02", event_id="$click1"))
    assert await chat.says("!stimme 3", place="austausch") == (
        "Gezählt. Danke! Wer lieber verdeckt abstimmt: mir direkt schreiben."
    )
    chat.at("2026-12-01 09:11")
    await chat.hears(click(chat, poll, "4", by="tn02", event_id="$click2"))
    await chat.hears(click(chat, poll, "3", by="tn03", event_id="$click3"))
    await chat.hears(click(chat, poll, by="tn03", event_id="$click4"))
    await chat.hears(click(chat, poll, "2", by="leitung-ihk", event_id="$click5"))
    for person in range(4, 11):
        await chat.says("3", by=f"tn{person:02}")
    chat.at("2026-12-11 11:59:59")
    await chat.says("!stimme 4", by="tn11")  # "4" could be feedback, too
    before = len(chat.said)
    await chat.clock_strikes("2026-12-11 12:00:01")
    unlike = ("Ausgelassen", "Bild zum Ergebnis")
    said = [s for s in chat.said[before:] if not s.body.startswith(unlike)]
    talk, orga = chat.room("austausch"), chat.room("orga")
    results = {(s.room, s.type): s for s in said if "Ergebnis" in s.body}
    assert results[orga, "m.room.message"].body == (
        "Ergebnis: 9 von 16 Stimmen\n"
        "Verstetigung 7 – Platz A (Mi 13.01.)\n"
        "Social Media 2 – Platz B (Mi 20.01.)\n"
        "Schwierige Situationen 0, Organisationsentwicklung 0\n"
        "Veröffentlicht und im Programm. Zurücknehmen: !rueckgaengig"
    )
    assert results[chat.room("ankuendigungen"), "m.room.message"].body == (
        "Ergebnis (9 von 16): Verstetigung am Mi 13.01., Social Media am Mi 20.01.\n"
        "Es leiten: Referent/in Finanzierung und Verstetigung (Mi 13.01.), "
        "Referent/in Social Media (Mi 20.01.)\n"
        "Danke fürs Mitmachen. Alle Termine: !programm alle"
    )
    assert results[talk, POLL_END].content["m.relates_to"]["event_id"] == poll
    chat.at("2026-12-11 12:04")
    late = await chat.says("1", by="tn12")
    assert late.startswith("Die Abstimmung ist seit 12:00 Uhr geschlossen")


async def test_a_bot_that_was_away_at_the_end_counts_only_what_was_in_time(chat):
    await chat.loads()
    await chat.clock_strikes("2026-11-30 09:00")
    for person in range(1, 10):
        await chat.says("3" if person < 6 else "4", by=f"tn{person:02}")
    chat.at("2026-12-11 15:00")
    end = chat.now.replace(hour=12)
    early, late = ({"sent": end + timedelta(seconds=s), "backlog": True} for s in (-1, 1))
    await chat.says("!stimme 3", by="tn10", **early)
    await chat.says("!stimme 4", by="tn11", **late)
    before = len(chat.said)
    await chat.clock_strikes("2026-12-11 15:00:01")
    texts = [said.body for said in chat.said[before:]]
    assert any(t.startswith("Ergebnis: 10 von 16 Stimmen\nVerstetigung 6 – Pl") for t in texts)
    del early["backlog"]
    assert "zählt leider nicht mehr" in await chat.says("!stimme 3", by="tn12", **early)
