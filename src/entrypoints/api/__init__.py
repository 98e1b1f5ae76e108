"""The HTTP API."""

from .app import create_app, openapi_document, routing_of

__all__ = ["create_app", "openapi_document", "routing_of"]
