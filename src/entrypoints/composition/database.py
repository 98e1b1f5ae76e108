"""The database that a process works on, and its schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from ...core.kernel import ConflictError
from ..settings import Settings

_log = structlog.get_logger()


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """
    The database of *settings*: the server they name, or else the embedded one, which runs as long as somebody uses it.

    Raises:
        MissingExtraError: the embedded PostgreSQL is not installed.
        EmbeddedPostgresError: it does not start; says why.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    from ...adapters.embedded import embedded_postgres

    async with embedded_postgres(settings.data_dir) as url:
        yield url


async def migrate_database(settings: Settings, *, dry_run: bool = False) -> tuple[str, ...]:
    """
    Bring the database of *settings* to the schema of this release; *dry_run* only tells what is due.

    Returns:
        The names of the migrations, in order; none where everything is kept in memory.

    Raises:
        MigrationError: the schema is not one that this release knows.
        UnavailableError: the database cannot be reached.
    """
    if settings.storage == "memory":
        return ()
    from ...adapters.postgres import migrate, pending

    async with database_url(settings) as url:
        migrations = await (pending(url) if dry_run else migrate(url))
    return tuple(migration.name for migration in migrations)


class SchemaOutdatedError(ConflictError):
    """The database has not the schema of this release, and others may be using it."""

    code = "schema_outdated"

    def __init__(self) -> None:
        super().__init__("The database is not up to date: run `quayside migrate`, or start `quayside serve`.")


@asynccontextmanager
async def current_database(settings: Settings, *, migrates: bool) -> AsyncIterator[str]:
    """
    The database of *settings*, its schema that of this release.

    Args:
        migrates: Whether a server that *settings* name is brought up to date; the embedded one always is.

    Raises:
        SchemaOutdatedError: it would have to be, and is not.
    """
    async with database_url(settings) as url:
        await _bring_up_to_date(url, migrates=migrates or settings.database_url is None)
        yield url


async def _bring_up_to_date(url: str, *, migrates: bool) -> None:
    from ...adapters.postgres import migrate, pending

    if not migrates and await pending(url):
        raise SchemaOutdatedError
    for migration in await migrate(url) if migrates else ():
        _log.info("migrated", migration=migration.name)
