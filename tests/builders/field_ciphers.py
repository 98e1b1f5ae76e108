"""Ciphers of fields."""

from os import urandom

from quayside.adapters.security.aes_gcm import AesGcmFieldCipher
from quayside.adapters.security.field_keys import FieldKey, FieldKeyRing


def a_field_cipher(*keys: FieldKey) -> AesGcmFieldCipher:
    """One that has *keys*, the current one first, or else a key of its own."""
    ring = keys or (FieldKey.generate(),)
    return AesGcmFieldCipher(lambda: FieldKeyRing(ring[0], ring[1:]), urandom)
