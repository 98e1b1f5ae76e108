"""People with an account, as their client programs see the service."""

from typing import Any

from attrs import frozen
from httpx import ASGITransport, AsyncClient

from quayside.core.identity import Device, LoggedIn, Registration, Role, User
from quayside.core.kernel import Secret
from quayside.entrypoints.api.edge import ASGIApp
from quayside.entrypoints.composition import Identity

from .described import check_described

V1 = "/api/v1"
HOME = "192.0.2.1"
ELSEWHERE = "198.51.100.66"
PASSWORD = "Analytical Engine 1843"


@frozen
class Member:
    """
    Somebody who has logged in.

    Args:
        client: Shows the session's token with every request.
    """

    login: LoggedIn
    client: AsyncClient

    @property
    def user(self) -> User:
        return self.login.user

    @property
    def path(self) -> str:
        """Where the account is."""
        return f"{V1}/users/{self.user.id}"

    @property
    def token(self) -> str:
        """The session's."""
        return self.login.token.reveal()

    @property
    def access_token(self) -> str:
        return self.login.access_token.token

    @property
    def credentials(self) -> dict[str, Any]:
        """What to log in with."""
        return {"username": self.user.username, "password": PASSWORD}


def client_of(app: ASGIApp, token: str | None = None, *, address: str = HOME) -> AsyncClient:
    """
    A client program, which takes no answer that the API's description does not lead it to expect.

    Args:
        token: What it shows with every request.
        address: Where it runs.
    """
    return AsyncClient(
        transport=ASGITransport(app, client=(address, 50_000)),
        base_url="http://shop.test",
        headers={"authorization": f"Bearer {token}"} if token else None,
        event_hooks={"response": [check_described]},
    )


async def a_login(identity: Identity, username: str, *roles: Role) -> LoggedIn:
    """The first login to a new account."""
    await identity.register_user(
        Registration(username, f"{username}@example.com", Secret(PASSWORD)), roles=roles
    )
    return await identity.log_in(username, Secret(PASSWORD), Device(HOME, "a browser"))
