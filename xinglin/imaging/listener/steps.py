"""Performed procedure steps (MPPS): a device says that it begins (N-CREATE) and that it is done (N-SET)."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections
from pydicom.dataset import Dataset
from pynetdicom.dimse_primitives import N_CREATE, N_SET
from pynetdicom.events import Event

from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import actions
from xinglin.imaging.dicom.reading import quiet, text_of
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, DomainError, NotPermitted, NotVisible

logger = logging.getLogger(__name__)

#: PS3.7 annex C.
SUCCESS, DUPLICATE, UNKNOWN, NOT_ALLOWED, FAILURE, NO_RESOURCES = 0x0000, 0x0111, 0x0112, 0x0124, 0x0110, 0x0213


def create(event: Event) -> tuple[int, Dataset | None]:
    """Begin a step."""
    node = event.assoc.xinglin_node  # type: ignore[attr-defined]
    with quiet():
        said = event.attribute_list
        scheduled = (said.get("ScheduledStepAttributesSequence") or [Dataset()])[0]
        accession = text_of(scheduled, "AccessionNumber")
        assert isinstance(event.request, N_CREATE)
        sop_uid = str(event.request.AffectedSOPInstanceUID or "")
    by = system_actor(f"DICOM {node.ae_title}")

    def act() -> None:
        request = diagnostics.request_by_number(by, accession) if accession else None
        actions.begin_step(sop_uid=sop_uid, request=request, node=node, by=by, at=clock.now())

    return _answered(node, act), said


def update(event: Event) -> tuple[int, Dataset | None]:
    """End a step."""
    node = event.assoc.xinglin_node  # type: ignore[attr-defined]
    with quiet():
        said = event.modification_list
        state = text_of(said, "PerformedProcedureStepStatus") or "IN PROGRESS"
    assert isinstance(event.request, N_SET)
    sop_uid = str(event.request.RequestedSOPInstanceUID or "")
    by = system_actor(f"DICOM {node.ae_title}")
    status = _answered(node, lambda: actions.end_step(sop_uid=sop_uid, state=state, node=node, by=by, at=clock.now()))
    return status, said


def _answered(node: object, act: Callable[[], object]) -> int:
    close_old_connections()
    try:
        if not node.may_query:  # type: ignore[attr-defined]
            raise NotPermitted("this device may not", code="node-may-not-query")
        act()
    except NotPermitted:
        return NOT_ALLOWED
    except NotVisible:
        return UNKNOWN
    except Conflict as error:
        return DUPLICATE if error.code == "step-known" else FAILURE
    except DomainError:
        return FAILURE
    except DatabaseError:
        logger.exception("the database refused a performed step")
        return NO_RESOURCES
    return SUCCESS
