"""Tandems: who wants to meets somebody new each week, and nobody else learns of it."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from time import process_time

import pytest
from sqlalchemy import select, update

import bot
from storage import pairing, tandems
from storage.models import Network, Person, TandemMember, TandemSeat

FILE = Path(bot.__file__).with_name("sample_course.toml").read_text("utf-8")
MONDAY = date(2026, 11, 9)


@pytest.fixture
async def cohort(chat):
    """The sample course in which all 16 have an account, in the week before the fourth webinar."""
    await chat.imports(FILE.replace('mxid = "" ', 'mxid = "@tn16:chat.example.org"').encode())
    chat.at("2026-11-26 10:00")
    return chat


async def joined(chat, *numbers):
    async with chat.sessions.begin() as db:
        for number in numbers:
            row = TandemMember(course_id=chat.course.id, person=f"tn{number:02}")
            db.add(row)


async def weeks(chat, count):
    """The tandems of each week by the people's keys."""
    found = []
    for number in range(count):
        async with chat.sessions.begin() as db:
            formed = await tandems.form(db, chat.course, MONDAY + timedelta(weeks=number))
        found.append([tuple(one.person.key for one in group) for group in formed])
    return found


async def slowest(chat, found):
    """Seconds of computing that the slowest of these weeks takes, at its quickest of three."""
    async with chat.sessions() as db:
        people = await tandems.seated(db, chat.course)
    met, spent = defaultdict(list), []
    for number, week in enumerate(found):
        day = MONDAY + timedelta(weeks=number)
        tries = []
        for _ in range(3):
            began = process_time()
            pairing.together(people, met, day, f"{chat.course.key}/{day}")
            tries.append(process_time() - began)
        spent.append(min(tries))
        for pair in (pair for group in week for pair in combinations(group, 2)):
            met[frozenset(pair)].append(day)
    return max(spent)


def repeats(found):
    met = Counter(frozenset(pair) for week in found for g in week for pair in combinations(g, 2))
    return sum(count - 1 for count in met.values())


async def test_sixteen_people_meet_for_ten_weeks_and_nobody_twice(cohort):
    await joined(cohort, *range(1, 17))
    found = await weeks(cohort, 10)
    assert [sorted(p for g in week for p in g) for week in found] == (
        [[f"tn{n:02}" for n in range(1, 17)]] * 10
    )
    assert {len(group) for week in found for group in week} == {2}
    assert repeats(found) == 0
    assert await slowest(cohort, found) <= 0.05


async def test_an_odd_number_makes_a_trio_and_still_nobody_meets_twice(cohort):
    await joined(cohort, *range(1, 16))
    found = await weeks(cohort, 6)
    assert [sorted(map(len, week)) for week in found] == [[2] * 6 + [3]] * 6
    assert repeats(found) == 0
    assert await slowest(cohort, found) <= 0.5


async def test_who_knows_everybody_meets_first_whom_it_has_been_the_longest(cohort):
    await joined(cohort, 1, 2, 3, 4)
    found = await weeks(cohort, 6)
    assert repeats(found[:3]) == 0
    assert [sorted(week) for week in found[3:]] == [sorted(week) for week in found[:3]]


async def test_a_week_is_formed_once_and_in_the_same_way(cohort):
    await joined(cohort, *range(1, 9))
    async with cohort.sessions() as db:
        people = await tandems.seated(db, cohort.course)
        first = pairing.together(people, {}, MONDAY, "x")
        assert first == pairing.together(people, {}, MONDAY, "x")
    (week,) = await weeks(cohort, 1)
    assert len(week) == 4
    again = await weeks(cohort, 1)
    assert again == [[]]


async def test_need_and_offer_and_difference_decide(cohort):
    """Wattkante has what Seenplatte Ost seeks, Neckarhöhe what Heidesand does."""
    await joined(cohort, 1, 5, 15, 6)
    (week,) = await weeks(cohort, 1)
    assert {*week} == {("tn01", "tn05"), ("tn06", "tn15")}


async def test_without_that_the_country_meets_the_town_and_the_weak_the_strong(cohort):
    await joined(cohort, 1, 2, 3, 7)
    (week,) = await weeks(cohort, 1)
    assert {*week} == {("tn01", "tn07"), ("tn02", "tn03")}


async def test_avoided_and_own_networks_are_never_met(cohort):
    await joined(cohort, 1, 2, 3)
    async with cohort.sessions.begin() as db:
        mine = update(TandemMember).where(TandemMember.person == "tn01")
        await db.execute(mine.values(avoids=["heidewinkel"]))
        same = update(Person).where(Person.key == "tn03")
        await db.execute(same.values(network="heidewinkel"))
    (week,) = await weeks(cohort, 1)
    assert sorted(week) == [("tn01",), ("tn02",), ("tn03",)]


async def test_of_three_of_whom_two_avoid_each_other_two_meet(cohort):
    await joined(cohort, 1, 2, 3)
    async with cohort.sessions.begin() as db:
        mine = update(TandemMember).where(TandemMember.person == "tn01")
        await db.execute(mine.values(avoids=["heidewinkel"]))
    (week,) = await weeks(cohort, 1)
    assert sorted(week) in ([("tn01", "tn03"), ("tn02",)], [("tn01",), ("tn02", "tn03")])


async def test_whoever_is_left_out_joins_others(cohort):
    await joined(cohort, 1, 2, 3, 4)
    async with cohort.sessions.begin() as db:
        mine = update(TandemMember).where(TandemMember.person == "tn01")
        avoids = ["heidewinkel", "hafenbogen", "foerdeblick"]
        await db.execute(mine.values(avoids=avoids))
    (week,) = await weeks(cohort, 1)
    assert ("tn01",) in week
    assert sorted(map(len, week)) in ([1, 1, 2], [1, 3])


async def test_two_hundred_people_take_a_moment(cohort):
    async with cohort.sessions.begin() as db:
        networks = (await db.scalars(select(Network))).all()
        for n in range(200):
            network = networks[n % len(networks)]
            key, mxid = f"p{n:03}", f"@p{n:03}:x.org"
            here = cohort.course.id
            db.add(Person(course_id=here, key=key, display=key, network=network.key, mxid=mxid))
            db.add(TandemMember(course_id=here, person=key))
    (week,) = await weeks(cohort, 1)
    assert len(week) == 100
    assert await slowest(cohort, [week]) < 2.0


async def test_a_week_of_a_tandem(cohort):
    """From the opt-in to the question afterwards, each alone with the bot."""
    for who in ("tn01", "tn05"):
        assert (await cohort.says("!tandem", by=who)).endswith("Mitmachen? ja oder nein")
        assert await cohort.says("ja", by=who) == (
            "Dabei! Das nächste Tandem: Mo 30.11., 09:20 Uhr. Aufhören: !tandem aus"
        )
    cohort.at("2026-11-30 09:15")
    await cohort.clock_strikes("2026-11-30 09:15")
    before = len(cohort.said)
    await cohort.clock_strikes("2026-11-30 09:20")
    said = {s.room: s.body for s in cohort.said[before:]}
    assert said == {
        "@tn01:chat.example.org": (
            "Tandem der Woche: Seenplatte Ost\n"
            "Koordination Seenplatte Ost (ländlich, strukturschwach, Mecklenburg-Vorpommern)\n"
            "Gesprächsstoff: Wattkante bietet MINT-Mobil, Seenplatte Ost sucht das.\n"
            "Einfach anschreiben, eine halbe Stunde genügt.\n"
            "Diese Woche keine Zeit? !tandem pause. Ganz aufhören: !tandem aus"
        ),
        "@tn05:chat.example.org": (
            "Tandem der Woche: Wattkante\n"
            "Koordination Wattkante (ländlich, strukturschwach, Niedersachsen)\n"
            "Gesprächsstoff: Wattkante bietet MINT-Mobil, Seenplatte Ost sucht das.\n"
            "Einfach anschreiben, eine halbe Stunde genügt.\n"
            "Diese Woche keine Zeit? !tandem pause. Ganz aufhören: !tandem aus"
        ),
    }
    assert "Diese Woche mit Seenplatte Ost" in await cohort.says("!tandem", by="tn01")
    await cohort.clock_strikes("2026-12-07 09:05")
    before = len(cohort.said)
    await cohort.clock_strikes("2026-12-07 09:10")
    asked = {s.room: n for n, s in enumerate(cohort.said, 1) if n > before}
    assert [*asked] == ["@tn01:chat.example.org", "@tn05:chat.example.org"]
    assert await cohort.says("ja", by="tn01") == "Schön, danke!"
    on = f"$sent{asked['@tn05:chat.example.org']}"
    assert await cohort.reacts("👎", on, by="tn05") == "Danke. Nachholen geht immer."
    async with cohort.sessions() as db:
        met = {row.person: row.met for row in await db.scalars(select(TandemSeat))}
    assert met == {"tn01": True, "tn05": False}
    assert (await cohort.says("!tandem", by="leitung-ihk", place="orga")).startswith(
        "Tandems: 2 dabei, 0 in Pause. Bisher 1 Tandem; Treffen, von denen ich weiß: 1."
    )


async def test_pausing_avoiding_and_leaving(cohort):
    assert await cohort.says("!tandem nicht mit hafenbogen") == (
        "Das geht erst beim Mitmachen. Mitmachen: !tandem an"
    )
    await joined(cohort, 2, 3)
    assert await cohort.says("!tandem nicht mit") == (
        "Welches Netzwerk ist gemeint? Alle: !netzwerke liste"
    )
    assert await cohort.says("!tandem nicht mit hafenbogn") == (
        "Gut, nicht mit Hafenbogen. Das bleibt hier. Doch wieder: !tandem doch mit Hafenbogen"
    )
    assert "Nicht mit: Hafenbogen" in await cohort.says("!tandem")
    assert await cohort.says("!tandem doch mit hafenbogen") == "Gut, auch mit Hafenbogen."
    assert (await cohort.says("!tandem nicht mit heide")).startswith(
        "Welches Netzwerk ist gemeint?"
    )
    assert await cohort.says("!tandem pause") == "Pause, bis wieder !tandem kommt."
    (week,) = await weeks(cohort, 1)
    assert week == [("tn03",)]
    assert (await cohort.says("!tandem")).startswith("Dabei!")
    assert await cohort.says("!tandem aus") == "Gut, keine Tandems mehr. Wieder dabei: !tandem"
    async with cohort.sessions() as db:
        rows = (await db.scalars(select(TandemMember))).all()
    assert [row.person for row in rows] == ["tn03"]


async def test_in_a_room_nobody_learns_who_takes_part(cohort):
    await joined(cohort, 2)
    await cohort.says("!tandem", place="austausch")
    room, direct = sorted(cohort.said, key=lambda said: said.room)
    assert (room.room, room.body) == (cohort.room("austausch"), "Dazu schreibe ich direkt.")
    assert direct.room == "@tn02:chat.example.org"


async def test_without_the_rule_there_are_no_tandems(chat):
    lines = FILE.split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith('id = "tandem-frage"')) - 1
    end = next(n for n, line in enumerate(lines) if "Zweiter Kalender" in line)
    await chat.imports("\n".join(lines[:start] + lines[end:]).encode())
    assert await chat.says("!tandem") == "In diesem Kurs gibt es keine Tandems. Wünsche: !orga"
