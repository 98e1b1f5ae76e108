"""
The composition root: which adapters a process runs with.

The only place that names concrete storage, gateways, limiters and the like; the service, the command line and the tests
share it.
"""

from .application import Application, composed
from .background import Background
from .catalogue import Catalogue
from .customers import Customers
from .database import database_url, migrate_database
from .events import EVENTS
from .field_keys import FieldRotation, new_field_key
from .identity import Identity
from .inventory import Inventory
from .keys import jwt_key_rotation
from .orders import Orders
from .payments import Payments
from .projections import PROJECTIONS, ProjectionState, projection_states
from .reactions import listener_of, standings_of, worker_of
from .storage import Storage

__all__ = [
    "EVENTS",
    "PROJECTIONS",
    "Application",
    "Background",
    "Catalogue",
    "Customers",
    "FieldRotation",
    "Identity",
    "Inventory",
    "Orders",
    "Payments",
    "ProjectionState",
    "Storage",
    "composed",
    "database_url",
    "jwt_key_rotation",
    "listener_of",
    "migrate_database",
    "new_field_key",
    "projection_states",
    "standings_of",
    "worker_of",
]
