"""The settings of a process, and where they come from."""

from ...core.kernel import require

with require("settings"):
    from .loading import LoadedSettings, SettingsError, load_settings
    from .model import PREFIX, Settings

__all__ = ["PREFIX", "LoadedSettings", "Settings", "SettingsError", "load_settings"]
