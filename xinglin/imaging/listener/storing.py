"""C-STORE: a success is answered only after bytes and rows are on disk."""

import logging

from django.db import DatabaseError, connections
from pydicom.dataset import Dataset
from pynetdicom.events import Event

from xinglin.imaging import actions
from xinglin.imaging.actions import Outcome
from xinglin.imaging.data import Source, Way
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import DomainError, InvalidInput, NotPermitted, Unavailable

logger = logging.getLogger(__name__)

#: PS3.4 table B.2-1.
SUCCESS, NO_RESOURCES, NOT_UNDERSTOOD, NOT_ALLOWED, DUPLICATE = 0x0000, 0xA700, 0xC000, 0x0124, 0x0111


def store(event: Event) -> Dataset:
    """Take in one instance of an admitted device."""
    node = event.assoc.xinglin_node  # type: ignore[attr-defined]
    source = Source(way=Way.C_STORE, facility_id=node.facility_id, node_id=node.pk)
    by = system_actor(f"DICOM {node.ae_title}")
    try:
        if not node.may_store:
            raise NotPermitted("this device may not store", code="node-may-not-store")
        taken = actions.take_in_instance(content=event.dataset_path, source=source, by=by, at=clock.now())
    except DomainError as error:
        return _refused(event, source, error)
    except DatabaseError:
        logger.exception("the database refused an instance")
        connections.close_all()  # the next message begins with a new connection
        return _status(NO_RESOURCES, "database unavailable, send again")
    if taken.outcome == Outcome.CONFLICT:
        return _status(DUPLICATE, "SOP instance UID known with other content")
    return _status(SUCCESS)


def _refused(event: Event, source: Source, error: DomainError) -> Dataset:
    """Tell the device, and the people who look after it."""
    sender = f"{event.assoc.xinglin_node.ae_title} {event.assoc.requestor.address}"  # type: ignore[attr-defined]
    try:
        actions.note_refusal(
            error=error, source=source, way=source.way, sender=sender, by=system_actor("DICOM"), at=clock.now()
        )
    except DatabaseError:
        logger.exception("a refusal could not be written down")
    if isinstance(error, Unavailable):
        return _status(NO_RESOURCES, error.code)
    if isinstance(error, NotPermitted):
        return _status(NOT_ALLOWED, error.code)
    return _status(NOT_UNDERSTOOD if isinstance(error, InvalidInput) else NO_RESOURCES, error.code)


def _status(code: int, comment: str = "") -> Dataset:
    answer = Dataset()
    answer.Status = code
    if comment:
        answer.ErrorComment = comment[:64]
    return answer
