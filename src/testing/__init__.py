"""What helps to test code that is built on quayside. It needs no test framework: what fails is an AssertionError."""

from .given import Given

__all__ = ["Given"]
