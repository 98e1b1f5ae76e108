"""What is not installed is asked for by the name of its extra."""

from importlib import import_module

import pytest

from quayside.entrypoints.extras import MissingExtraError, require


def test_a_missing_package_is_an_error_that_names_the_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'quayside\[embedded\]'"), require("embedded"):
        import_module("not_installed_anywhere.part")


def test_a_missing_module_of_our_own_is_no_matter_of_extras() -> None:
    with pytest.raises(ModuleNotFoundError), require("embedded"):
        import_module("quayside.adapters.not_there")


def test_what_is_installed_is_imported() -> None:
    with require("embedded"):
        import_module("quayside.core.kernel")
