"""What other clients have sealed can be opened, and nothing else."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.secret_storage import (
    BASE58,
    StorageKey,
    b64,
    read_recovery_key,
    recovery_key,
    unb64,
)

SECRETS = st.binary(min_size=32, max_size=32)
KEY = StorageKey("k", bytes(range(32)))
IV = "AAECAwQFBgcICQoLDA0ODw=="
WRITTEN = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"
READ = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
"""The secret half of RFC 7748, section 6.1, as libolm and its successors write it."""


def test_a_recovery_key_is_written_as_by_other_clients():
    assert recovery_key(READ) == WRITTEN
    assert read_recovery_key(WRITTEN) == READ


@given(SECRETS, st.data())
def test_how_a_recovery_key_is_spaced_does_not_matter(secret, data):
    gaps = st.text(" -\n\t\u00a0\u2011\u2013\u200b", max_size=3)
    spaced = "".join(data.draw(gaps) + c for c in recovery_key(secret).replace(" ", ""))
    assert read_recovery_key(spaced + data.draw(gaps)) == secret


@given(SECRETS, st.integers(0, 47), st.sampled_from(BASE58))
def test_a_recovery_key_is_read_as_it_stands_or_not_at_all(secret, place, letter):
    """One parity byte lets 1 of 256 typing errors through; nothing is put right in silence."""
    text = recovery_key(secret).replace(" ", "")
    typed = text[:place] + letter + text[place + 1 :]
    try:
        found = recovery_key(read_recovery_key(typed)).replace(" ", "")
    except ValueError:
        found = None
    assert found == typed if typed == text else found in (typed, None)


@pytest.mark.parametrize("text", ["", "abc", WRITTEN + "x", WRITTEN[:-1] + "0", WRITTEN * 1000])
def test_a_recovery_key_of_another_shape_is_explained(text):
    with pytest.raises(ValueError, match="hat 48 Buchstaben und Ziffern, darunter nie 0, O, I"):
        read_recovery_key(text)


@pytest.mark.parametrize("text", ["1" * 48, "z" * 48, WRITTEN[:-1] + "e", "F" + WRITTEN[1:]])
def test_a_typing_error_is_told(text):
    with pytest.raises(ValueError, match=r"^Im Wiederherstellungsschlüssel ist ein Tippfehler\.$"):
        read_recovery_key(text)


def test_what_the_javascript_client_has_sealed_is_opened():
    """Made by encryptAESSecretStorageItem of matrix-js-sdk 43 with `KEY` and `IV`."""
    sealed = {
        "iv": IV,
        "ciphertext": "D7XtklpxgoqG1nTlu2x8KlPKgXjMsTJ88wJ7UHF+b7M=",
        "mac": "6wT5Lltlf3DQ70347/LeOnQhTFvxX9eJi8ELUJkQc1M=",
    }
    assert KEY.open("m.cross_signing.master", sealed) == "Geheim für Königs Wusterhausen"
    assert KEY.fits(
        {
            "algorithm": "m.secret_storage.v1.aes-hmac-sha2",
            "iv": IV,
            "mac": "ONrOSgDDUXMzIvXsfYBi1m8m075MdjPldfXCxIpU7IY=",
        }
    )


@given(SECRETS, st.text(min_size=1), st.text(st.characters(codec="ascii"), min_size=1, max_size=40))
def test_a_secret_is_sealed_as_the_specification_says(secret, text, name):
    """HKDF (RFC 5869) and HMAC by hand; AES is checked by the vectors of others."""
    sealed = StorageKey("k", secret).seal(name, text)
    first = hmac.digest(hmac.digest(bytes(32), secret, "sha256"), name.encode() + b"\1", "sha256")
    prk = hmac.digest(bytes(32), secret, "sha256")
    second = hmac.digest(prk, first + name.encode() + b"\2", "sha256")
    mac = hmac.digest(second, unb64(sealed["ciphertext"]), hashlib.sha256)
    assert sealed["mac"] == b64(mac)
    assert not unb64(sealed["iv"])[8] & 0x80
    assert StorageKey("other", secret).open(name, sealed) == text


@given(SECRETS, st.text())
def test_a_key_knows_its_own_description(secret, text):
    key, other = StorageKey("k", secret), StorageKey("k", bytes([secret[0] ^ 1]) + secret[1:])
    description = key.description()
    assert (key.fits(description), other.fits(description)) == (True, False)
    padded = description | {"iv": description["iv"] + "==", "mac": description["mac"] + "="}
    assert key.fits(padded)
    with pytest.raises(ValueError, match="another key"):
        other.open("name", key.seal("name", text))


@given(st.sampled_from(["iv", "ciphertext", "mac"]), st.integers(0, 7))
def test_a_secret_that_was_tampered_with_stays_shut(part, bit):
    sealed = KEY.seal("name", "geheim")
    data = bytearray(unb64(sealed[part]))
    data[0] ^= 1 << bit
    changed = sealed | {part: b64(bytes(data))}
    if part == "iv":  # not covered by the MAC: the seed that comes out belongs to no public key
        assert changed == sealed or _opened(changed) != "geheim"
    else:
        with pytest.raises(ValueError, match="another key"):
            KEY.open("name", changed)
    with pytest.raises(ValueError, match="another key"):
        KEY.open("another name", sealed)


def _opened(sealed: dict[str, str]) -> str | None:
    try:
        return KEY.open("name", sealed)
    except UnicodeDecodeError:
        return None


JUNK = st.none() | st.integers() | st.text(max_size=30) | st.lists(st.text(), max_size=2)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["iv", "ciphertext", "mac"], JUNK)))
def test_junk_is_no_secret_and_no_description(sealed):
    with pytest.raises(ValueError, match="base64|another key"):
        KEY.open("name", sealed)
    described = {"algorithm": "m.secret_storage.v1.aes-hmac-sha2", "mac": None} | sealed
    assert not KEY.fits(described)
    assert not KEY.fits({"algorithm": "m.secret_storage.v2"})


def test_a_key_described_without_a_check_may_be_any():
    assert KEY.fits({"algorithm": "m.secret_storage.v1.aes-hmac-sha2"})


def test_a_key_does_not_show_its_secret():
    key = StorageKey.made()
    assert repr(key) == f"StorageKey(id='{key.id}')"
