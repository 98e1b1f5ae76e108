"""What the running service tells about itself."""

from ...core.kernel import require

with require("api"):
    # Each module here takes one of them.
    import msgspec  # noqa: F401
    import prometheus_client  # noqa: F401
    import structlog  # noqa: F401
