"""Events as JSON text and back, typed on both sides."""

import msgspec
from attrs import field, frozen

from ...core.eventlog import Event, EventRegistry, MalformedEventError
from ...core.kernel import QuaysideError


@frozen
class MsgspecEventCodec:
    """
    Encodes an attrs class field by field; decodes into the registered class.

    Decoding runs the validators of every attrs class on the way, so a stored value that breaks a rule of its type
    is refused. msgspec skips attributes with a leading underscore: an event and its values have none.
    """

    _registry: EventRegistry
    _decoders: dict[type[Event], msgspec.json.Decoder[Event]] = field(factory=dict, init=False, repr=False)

    def encode(self, event: Event) -> str:
        return msgspec.json.encode(event).decode()

    def decode(self, type_name: str, schema_version: int, text: str) -> Event:
        decoder = self._decoder_of(self._registry.type_of(type_name, schema_version))
        try:
            return decoder.decode(text)
        except (msgspec.MsgspecError, QuaysideError, ValueError) as error:
            raise MalformedEventError(type_name, schema_version) from error

    def _decoder_of(self, event_type: type[Event]) -> msgspec.json.Decoder[Event]:
        # Building a decoder inspects the whole class and costs far more than using it.
        decoder = self._decoders.get(event_type)
        if decoder is None:
            decoder = self._decoders[event_type] = msgspec.json.Decoder(event_type)
        return decoder
