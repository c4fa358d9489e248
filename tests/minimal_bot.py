"""The least that answers `!programm`: what the real bot is measured against. It forgets and loses.

Run as `python -m tests.minimal_bot ADDRESS USER_ID TOKEN`; prints `ready` when it listens.
"""

import asyncio
import sys
import uuid
from urllib.parse import quote

import aiohttp

ANSWER = (
    "Nächste Termine (mittwochs, 10:00–11:30)\n"
    "Mi 25.11. – Öffentlichkeitsarbeit\nMi 02.12. – Tools für die tägliche Arbeit\n"
    "Mi 09.12. – Angebotsentwicklung im Netzwerk\nMi 16.12. – Qualitätssicherung im Netzwerk\n"
    "Winterpause vom 21.12. bis 08.01.\nAlle Termine: !programm alle\nIn den Kalender: !kalender"
)


async def main(address: str, user_id: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(f"{address}/_matrix/client/v3/", headers=headers) as http:
        since = (await sync(http))["next_batch"]
        print("ready", flush=True)
        while True:
            batch = await sync(http, since=since, timeout="30000")
            since = batch["next_batch"]
            for room_id, room in batch.get("rooms", {}).get("join", {}).items():
                for event in room["timeline"]["events"]:
                    asked = event["content"].get("body") == "!programm"
                    if asked and event["sender"] != user_id:
                        await answer(http, room_id)


async def sync(http: aiohttp.ClientSession, **query: str) -> dict:
    async with http.get("sync", params=query) as response:
        return await response.json()


async def answer(http: aiohttp.ClientSession, room_id: str) -> None:
    path = f"rooms/{quote(room_id)}/send/m.room.message/{uuid.uuid4()}"
    async with http.put(path, json={"msgtype": "m.notice", "body": ANSWER}) as response:
        response.raise_for_status()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
