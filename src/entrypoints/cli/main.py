"""The commands there are. Help lists them without importing any; each is the function of its own module's name."""

from importlib import import_module
from typing import Any

import rich_click as click

from ...core.kernel import Category, QuaysideError, require

EXIT_CODES = {Category.VALIDATION: 2, Category.UNAVAILABLE: 3, Category.TIMEOUT: 3}
"""The exit code for each category of error; 1 for every other."""


class DeferredCommand(click.RichCommand):
    """A command whose module is imported when it is run."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        assert self.name is not None
        with require("service"):
            command = getattr(import_module(f".{self.name}", __package__), self.name)
        context: click.Context = command.make_context(info_name, args, parent, **extra)
        return context


class Quayside(click.RichGroup):
    """Ends with one line on standard error for each error raised on purpose, or that a file is to blame for."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QuaysideError as error:
            click.echo(f"quayside: {error}{_reason(error)}", err=True)
            ctx.exit(EXIT_CODES.get(error.category, 1))
        except OSError as error:
            if error.filename is None:
                raise
            click.echo(f"quayside: cannot_use_file: {error.filename}: {error.strerror}", err=True)
            ctx.exit(1)


def _reason(error: QuaysideError) -> str:
    """What the database, or whatever else failed, said: for the operator's eyes, and no client's."""
    if error.__cause__ is None or error.category not in {Category.UNAVAILABLE, Category.INTERNAL}:
        return ""
    with require("service"):
        masking = import_module("...adapters.telemetry.masking", __package__)
    return f" ({masking.mask_text(' '.join(str(error.__cause__).split()))})"


@click.group(
    cls=Quayside,
    commands=[
        DeferredCommand(name="serve", help="Serve the HTTP API, and react to what happens."),
        DeferredCommand(name="worker", help="React to what happens, beside those who serve."),
        DeferredCommand(name="migrate", help="Bring the database up to date."),
        DeferredCommand(name="settings", help="Show the settings in effect and where each comes from."),
        DeferredCommand(name="openapi", help="Print the description of the HTTP API."),
        DeferredCommand(name="events", help="Look at the event log, and at what could not be handled."),
        DeferredCommand(name="subscriptions", help="Look after those who react to the event log."),
        DeferredCommand(name="projections", help="Look after views of the event log."),
        DeferredCommand(name="payments", help="Look at payments, and take many at once."),
        DeferredCommand(name="orders", help="Look at orders, and place many at once."),
        DeferredCommand(
            name="sagas", help="Look after sagas: what takes several steps to be done, such as an order."
        ),
        DeferredCommand(name="users", help="Look after accounts."),
        DeferredCommand(name="keys", help="Look after the keys of access tokens and of encrypted fields."),
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage or settings, 3 try again later.",
)
@click.version_option(package_name="quayside", message="%(prog)s %(version)s")
def quayside() -> None:
    """The transactional core of a commerce back end."""
