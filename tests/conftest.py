"""What holds for every test: how many examples a property gets, and that nothing shows a secret."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from disclosure import found, show_logs
from watched_libraries import watch, watch_logging

# No deadline: how long one example takes says more about the machine than about the code.
settings.register_profile("brief", deadline=None, max_examples=5)
settings.register_profile("check", deadline=None, max_examples=100)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("brief")

pytest_plugins = ["side_by_side"]

watch()

# What is imported and collected is no garbage: to look for some there takes as long as a good part of the rest.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, but not in what was collected, for it stays to the end."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def nothing_secret_is_shown() -> Iterator[None]:
    """Look through all that came to light in the test, and while the fixtures that it needs were made."""
    yield
    watch_logging()
    assert found() == []


@pytest.fixture(autouse=True, scope="session")
def nothing_secret_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look, at the end, through what outlives a test: tables, and the files that services and databases log to."""
    yield
    show_logs(tmp_path_factory.getbasetemp())
    assert found() == []
