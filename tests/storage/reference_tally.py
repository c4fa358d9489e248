"""How a poll is counted, written down a second time from MSC3381 and the Client-Server API alone.

Raw events as the server logged them, in order; shares nothing with the bot but the specification.
"""

UNSTABLE = "org.matrix.msc3381.poll.response"
RESPONSES = {
    "m.poll.response": lambda content: content.get("m.selections"),
    UNSTABLE: lambda content: (content.get(UNSTABLE) or {}).get("answers"),
}
ENDS = ("m.poll.end", "org.matrix.msc3381.poll.end")


def reference(log, poll, typed, may_redact):
    """Who votes for what. `poll`: id, sender, options, most, opens, closes; times in ms.

    `typed` are (sender, answer ids, ms), all of them before what the log stamps with the same ms.
    """
    stamp = {e["event_id"]: e["origin_server_ts"] for e in log}
    sender = {e["event_id"]: e["sender"] for e in log} | {poll["id"]: poll["sender"]}
    redacted = {
        e["redacts"]
        for e in log
        if e["type"] == "m.room.redaction"
        and (may_redact(e["sender"]) or e["sender"] == sender.get(e["redacts"]))
    }
    live = [e for e in log if e["event_id"] not in redacted and e["type"] != "m.room.redaction"]

    def relating(kind, target):
        wanted = {"rel_type": kind, "event_id": target}
        return [e for e in live if e["content"].get("m.relates_to") == wanted]

    about = [] if poll["id"] in redacted else relating("m.reference", poll["id"])
    valid = [e for e in about if e["type"] in ENDS]
    valid = [e for e in valid if e["sender"] == poll["sender"] or may_redact(e["sender"])]
    end = min([poll["closes"], *(e["origin_server_ts"] for e in valid)])
    votes = [(ms, who, ids) for who, ids, ms in typed if poll["opens"] <= ms <= poll["closes"]]
    for event in about:
        if event["type"] not in RESPONSES or event["origin_server_ts"] > end:
            continue
        content, same = event["content"], (event["type"], event["sender"])
        edits = [
            e
            for e in relating("m.replace", event["event_id"])
            if (e["type"], e["sender"]) == same
            and isinstance(e["content"].get("m.new_content"), dict)
            and e["origin_server_ts"] <= end
        ]
        if edits:
            latest = max(edits, key=lambda e: (e["origin_server_ts"], e["event_id"]))
            content = latest["content"]["m.new_content"]
        ids = RESPONSES[event["type"]](content)
        votes.append((stamp[event["event_id"]], event["sender"], ids))
    last = {who: ids for _, who, ids in sorted(votes, key=lambda vote: vote[0])}
    most = poll["most"]
    most = most if isinstance(most, int) and most >= 1 else 1
    result = {}
    for who, ids in last.items():
        known = isinstance(ids, list) and ids and all(i in poll["options"] for i in ids)
        if known:
            result[who] = {int(i) for i in ids[:most]}
    return result
