"""Calls to systems outside, kept from doing harm: by a circuit, in time, and again where that is safe."""

from .gateway import GuardedGateway
from .guard import Failures, Guard, GuardTerms

__all__ = ["Failures", "Guard", "GuardTerms", "GuardedGateway"]
