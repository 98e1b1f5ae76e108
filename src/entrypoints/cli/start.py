"""What every command does before it touches data."""

from ...adapters.telemetry.logging import configure_logging
from ..settings import Settings, load_settings


def start(**command_line: object) -> Settings:
    """
    Read the settings, and from then on log as they say.

    Raises:
        SettingsError: they cannot be used.
    """
    settings = load_settings(**command_line).settings
    configure_logging(settings.log_level, settings.log_format)
    return settings
