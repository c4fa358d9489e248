"""What the account and its device sign for each other; speaks to nobody.

Client-Server API, "Cross-signing": the self-signing key signs the device, and the device signs the
master key, so that a client may begin to trust on either side.
"""

from typing import Any

from nio.crypto import Olm

from bot.matrix.identity import Identity, bare, canonical, signed, verifies
from bot.matrix.translate import part
from bot.obstacles import Unreachable

Json = dict[str, Any]


class WrongDeviceKeys(Exception):
    """The server shows other keys for our device than ours; they are not signed."""


def own_device(machine: Olm, shown: Json) -> Json:
    """The device as the server shows it, if that is what we say about ourselves.

    Raises `WrongDeviceKeys`, or `Unreachable` when the server does not know it (yet).
    """
    device = str(machine.device_id)
    if not shown:
        raise Unreachable("the server does not know the keys of our device")
    ours = {
        "algorithms": machine._algorithms,
        "device_id": device,
        "user_id": machine.user_id,
        "keys": {f"{kind}:{device}": key for kind, key in machine.account.identity_keys.items()},
    }
    if bare(shown) != ours:
        raise WrongDeviceKeys(f"the server has other keys for device {device} than we have")
    return shown


def lacking(machine: Olm, identity: Identity, device: Json, master: Json) -> Json:
    """What the server's device and master key lack in signatures, for keys/signatures/upload.

    Signatures do not depend on chance: those on the server are compared with ours.
    """
    user, public = identity.user_id, identity.public("master")
    approval = {f"ed25519:{machine.device_id}": machine.account.sign(canonical(public))}
    name, master_name = str(machine.device_id), identity.keys["master"].public
    theirs = {name: device, master_name: master}
    ours = {
        name: signed(device, user, identity.keys["self_signing"]),
        master_name: public | {"signatures": {user: approval}},
    }
    return {key: value for key, value in ours.items() if not _has(theirs[key], value, user)}


def _has(theirs: Json, ours: Json, user: str) -> bool:
    """Whether the server's copy bears all our signatures."""
    present = part(theirs, "signatures", user)
    return all(present.get(k) == v for k, v in ours["signatures"][user].items())


def vouched(answer: Json, user: str, device: str) -> bool:
    """Whether an answer to keys/query shows a device that its owner has signed, as clients check.

    The master key vouches for the self-signing key, and that for the device.
    """
    master, signing = (part(answer, f"{name}_keys", user) for name in ("master", "self_signing"))
    shown = part(answer, "device_keys", user, device)
    return _signed_by(master, signing, user) and _signed_by(signing, shown, user)


def _signed_by(key: Json, signed: Json, user: str) -> bool:
    """Whether one of these public keys has signed the object."""
    signatures = part(signed, "signatures", user)
    return any(
        verifies(str(public), signed, str(signatures.get(name)))
        for name, public in part(key, "keys").items()
    )
