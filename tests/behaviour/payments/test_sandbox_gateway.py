"""What the sandbox gateway says when its own books fail: never that nothing was done, where something may have been."""

from typing import NoReturn

import pytest

from builders import a_card, gbp
from quayside.adapters.sandbox import SandboxGateway
from quayside.core.kernel import UnavailableError
from quayside.core.payments import GatewayOutcomeUnknownError, GatewayUnreachableError


class LostBooks:
    """Books that nobody finds."""

    async def load(self, document_id: str) -> NoReturn:
        raise UnavailableError(f"{document_id} is out of reach")

    async def store(self, document_id: str, document: str, expected_version: int) -> NoReturn:
        raise UnavailableError(f"{document_id} is out of reach: {expected_version}, {len(document)}")


@pytest.fixture
def gateway() -> SandboxGateway:
    """A sandbox that cannot reach its books."""
    return SandboxGateway(LostBooks())


async def test_what_moves_money_has_an_unknown_outcome(gateway: SandboxGateway) -> None:
    token = await gateway.tokenize(a_card())

    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.authorize("key", token, gbp("1.00"))
    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.capture("key", "auth_1", gbp("1.00"))
    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.void("key", "auth_1")
    with pytest.raises(GatewayOutcomeUnknownError):
        await gateway.refund("key", "auth_1", gbp("1.00"))


async def test_what_only_looks_is_unreachable(gateway: SandboxGateway) -> None:
    with pytest.raises(GatewayUnreachableError):
        await gateway.look_up("key")
    with pytest.raises(GatewayUnreachableError):
        await gateway.health()
