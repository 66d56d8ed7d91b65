"""Things as everybody outside sees them: the API, the outbox and the command line say the same.

The types are also the API's description: the OpenAPI document is made from them.
"""

from hub.reads.shapes.calls import CallShape, call_shapes, call_snapshot
from hub.reads.shapes.cards import ContactShape, LeadShape, TaskShape, contact_shapes, lead_shapes, task_shapes
from hub.reads.shapes.common import Id, Moment, Named, Seconds, Uuid

__all__ = [
    "CallShape",
    "ContactShape",
    "Id",
    "LeadShape",
    "Moment",
    "Named",
    "Seconds",
    "TaskShape",
    "Uuid",
    "call_shapes",
    "call_snapshot",
    "contact_shapes",
    "lead_shapes",
    "task_shapes",
]
