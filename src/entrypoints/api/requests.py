"""A request as our handlers get it: its body read to the letter, its fields checked all at once."""

from typing import Any, cast

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException, InternalServerException

from ...core.identity import Device
from ...core.kernel import CustomerId, Principal
from ..composition import Application
from .credentials import Credentials
from .cursors import Cursors
from .exact_json import InvalidJsonError, read_json_object
from .idempotency import is_idempotent, read_keyed
from .models import RequestModel
from .served import Served, served_by

MAX_BODY_BYTES = 1024 * 1024


class UnsupportedMediaTypeError(HTTPException):
    """The body is in no form that is taken here."""

    status_code = 415


class ClientGoneError(HTTPException):
    """The client hung up before its whole request was there; nobody is left to read the answer."""

    status_code = 499


class ApiRequest(Request[Any, Any, State]):
    """
    Checks a body in the order of the contract: media type, size, JSON, fields. And tells a handler what it acts on.

    Handlers are given by the framework what callers send, and nothing else: to have it give the rest, too, takes it a
    third of what it takes to ask the database.
    """

    @property
    def served(self) -> Served:
        """The service that is asked."""
        return served_by(self.scope)

    @property
    def application(self) -> Application:
        """What it is composed of."""
        return served_by(self.scope).application

    @property
    def principal(self) -> Principal:
        """Who asks; of routes that need a login alone."""
        return cast(Principal, self.scope["user"])

    @property
    def credentials(self) -> Credentials:
        """What that was shown by."""
        return cast(Credentials, self.scope["auth"])

    @property
    def device(self) -> Device:
        """From where."""
        address = self.scope["state"]["client_address"]
        return Device(address and str(address), self.headers.get("user-agent"))

    @property
    def cursors(self) -> Cursors:
        """Seals and opens the cursors of lists."""
        return Cursors(self.application.cursor_keys)

    async def body(self) -> bytes:
        if self._model and ("content-type" in self.headers or self._announces_body):
            self._require_json()
        try:
            body = await super().body()
        except InternalServerException as error:
            raise ClientGoneError("The client hung up.") from error
        if self._model and not body and self._model.may_be_left_out():
            return b"{}"
        if self._model and not body:
            # Left to itself, the framework would call it a missing argument.
            raise InvalidJsonError("The body is empty.")
        return body

    def shows(self, customer_id: CustomerId) -> None:
        """Have what is kept of the answer erased with this customer, of whom it shows something personal."""
        self.scope["state"]["shown_customer_id"] = customer_id

    async def json(self) -> RequestModel:
        """The body as the model that the handler takes."""
        assert self._model is not None
        sent = read_json_object(await self.body())
        if is_idempotent(self.route_handler):
            return await read_keyed(self, self._model, sent)
        return self._model.read(sent, served_by(self.scope).application)

    @property
    def _model(self) -> type[RequestModel] | None:
        data = self.route_handler.parsed_data_field
        return data.annotation if data else None

    @property
    def _announces_body(self) -> bool:
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    def _require_json(self) -> None:
        media_type, parameters = self.content_type
        if media_type != "application/json" or parameters.get("charset", "utf-8").lower() != "utf-8":
            raise UnsupportedMediaTypeError
