"""The HTTP API."""

from .app import create_app, openapi_document

__all__ = ["create_app", "openapi_document"]
