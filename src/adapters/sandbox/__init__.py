"""A payment gateway to develop against."""

from .books import SandboxBooks
from .gateway import SandboxGateway

__all__ = ["SandboxBooks", "SandboxGateway"]
