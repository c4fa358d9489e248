"""What organisers type on a real homeserver: encrypted, and as members of their room."""

from datetime import UTC, datetime

import pytest

from bot.homeserver import Homeserver
from bot.rights import ORGANISERS_ONLY, SEALED_ONLY
from tests.matrix.cohort import ORGA, cohort, times


@pytest.mark.soak
async def test_only_encrypted_and_only_as_a_member(homeserver: Homeserver, tmp_path):
    async with cohort(homeserver, tmp_path, 1, encrypted=True) as course:
        text = course.course(times(datetime.now(UTC), 600))
        one, guest = course.user_id("leitung"), course.user_id("tn01")
        course.service.read(text.replace(f'["{one}"]', f'["{one}", "{guest}"]'))
        await course.arrive()
        leader, other, orga = course.people["leitung"], course.people["tn01"], course.rooms[ORGA]

        async def hears(person, part):
            await person.wait_for(lambda e: e.sender == course.bot and part in e.body)

        plain = {"msgtype": "m.text", "body": "!status"}
        await leader.call("PUT", "rooms", orga, "send", "m.room.message", "offen", body=plain)
        await hears(leader, SEALED_ONLY[:40])
        await leader.say(orga, "!status")
        await hears(leader, "Was ich als Nächstes sende")
        await other.say(course.direct["tn01"], "!status")
        await hears(other, ORGANISERS_ONLY[:40])
        await leader.say(orga, f"!organisator weg {guest}")
        await hears(leader, f"Aus der Lehrgangsleitung nehmen? {guest}")
        await leader.say(orga, "ja")
        await hears(leader, f"Nicht mehr in der Lehrgangsleitung: {guest}")
