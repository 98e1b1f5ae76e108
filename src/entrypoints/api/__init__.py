"""The HTTP API."""

from ...core.kernel import require

with require("service"):
    from .app import create_app, create_operations_app, openapi_document, routing_of
    from .edge import ASGIApp

__all__ = ["ASGIApp", "create_app", "create_operations_app", "openapi_document", "routing_of"]
