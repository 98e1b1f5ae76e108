"""Events as JSON text and back, typed on both sides."""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import starmap
from typing import TypeAlias

import msgspec
from attrs import field, frozen

from ...core.eventlog import (
    Event,
    EventRegistry,
    JsonObject,
    MalformedEventError,
    UnknownEvent,
    UnknownEventError,
    Upcaster,
)

ObserveUnreadable: TypeAlias = Callable[[str, int], None]
"""Told the name and schema version of an event that was read and cannot be understood."""

_as_json = msgspec.json.Encoder().encode
_any_object = msgspec.json.Decoder(JsonObject)


@frozen
class MsgspecEventCodec:
    """
    Encodes an attrs class field by field; decodes into the registered class.

    Decoding runs the validators of every attrs class on the way, so a stored value that breaks a rule of its type
    is refused. msgspec skips attributes with a leading underscore: an event and its values have none.

    Args:
        observe_unknown: Told of each that is read and that nobody registered.
        observe_malformed: Told of each that is read and not valid.
    """

    _registry: EventRegistry
    _observe_unknown: ObserveUnreadable | None = field(default=None, kw_only=True)
    _observe_malformed: ObserveUnreadable | None = field(default=None, kw_only=True)
    _decoders: dict[tuple[str, int], Callable[[str], Event]] = field(factory=dict, init=False, repr=False)

    def encode(self, event: Event) -> str:
        if type(event) not in self._registry.types:
            raise UnknownEventError(event.type_name(), event.schema_version)
        return _as_json(event).decode()

    def decode(self, type_name: str, schema_version: int, text: str) -> Event:
        decode = self._decoders.get((type_name, schema_version)) or self._decoder_of(
            type_name, schema_version
        )
        if decode is None:
            return self._unknown(type_name, schema_version, text)
        try:
            return decode(text)
        except Exception as error:  # an upcaster or a validator may raise whatever it likes
            if self._observe_malformed is not None:
                self._observe_malformed(type_name, schema_version)
            raise MalformedEventError(type_name, schema_version) from error

    def decode_all(self, stored: Sequence[tuple[str, int, str]]) -> Sequence[Event]:
        decoders = self._decoders
        try:  # each by a call of `decode` takes a quarter more
            return [decoders[type_name, schema_version](text) for type_name, schema_version, text in stored]
        except Exception:  # noqa: BLE001 - one of them is not valid, unknown, or the first of its form
            return list(starmap(self.decode, stored))

    def stored_names(self, event_type: type[Event]) -> frozenset[str]:
        return self._registry.stored_names(event_type)

    def _unknown(self, type_name: str, schema_version: int, text: str) -> UnknownEvent:
        if self._observe_unknown is not None:
            self._observe_unknown(type_name, schema_version)
        return UnknownEvent(type_name, schema_version, text)

    def _decoder_of(self, type_name: str, schema_version: int) -> Callable[[str], Event] | None:
        form = self._registry.form_of(type_name, schema_version)
        if form is None:
            return None
        # Building a decoder inspects the whole class and costs far more than using it.
        decode: Callable[[str | bytes], Event] = msgspec.json.Decoder(form.event_type).decode
        if form.upcasters:
            self._decoders[type_name, schema_version] = lambda text: decode(_upcast(form.upcasters, text))
        else:
            self._decoders[type_name, schema_version] = decode
        return self._decoders[type_name, schema_version]


def _upcast(upcasters: tuple[Upcaster, ...], text: str) -> bytes:
    stored = _any_object.decode(text)
    # Through JSON once more, so that what an upcaster gives is held to the same rules as what is stored.
    return msgspec.json.encode(reduce(lambda fields, step: step.change(fields), upcasters, stored))
