"""Ciphers of fields."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from os import urandom

from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.security.aes_gcm import AesGcmFieldCipher
from quayside.adapters.security.field_keys import FieldKey, FieldKeyRing

OpenDatabase = Callable[..., AbstractAsyncContextManager[PostgresDatabase]]
"""Opens a database with the keys that it is given, the current one first."""


def a_field_cipher(*keys: FieldKey) -> AesGcmFieldCipher:
    """One that has *keys*, the current one first, or else a key of its own."""
    ring = keys or (FieldKey.generate(),)
    return AesGcmFieldCipher(lambda: FieldKeyRing(ring[0], ring[1:]), urandom)
