"""The application entity: who may connect, what is offered, and how much one association may cost."""

import logging
import shutil
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, _config, dimse_messages, evt
from pynetdicom.events import Event
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    Verification,
)

from xinglin.imaging import queries
from xinglin.imaging.actions import note_seen
from xinglin.imaging.dicom import ACCEPTED_SYNTAXES, MAX_BYTES
from xinglin.imaging.dicom.limits import NATIVE_SYNTAXES
from xinglin.imaging.listener import steps, storing, worklist
from xinglin.imaging.models import DicomNode
from xinglin.platform import clock
from xinglin.platform.actors import system_actor

logger = logging.getLogger(__name__)

AE_TITLE = "XINGLIN"
MOST_ASSOCIATIONS = 16
PDU_BYTES = 262_144
#: A protocol data unit beyond it is no longer read: its length field alone must not cost memory.
MOST_PDU_BYTES = 4 * PDU_BYTES
ACSE_SECONDS, DIMSE_SECONDS, IDLE_SECONDS = 15, 60, 120
#: Rejected for good: calling title not recognised; called title not recognised (PS3.8 9.3.4).
CALLING_UNKNOWN, CALLED_UNKNOWN = (1, 1, 3), (1, 1, 7)


class Flood(OSError):
    """The peer sends more than is read."""


def entity() -> AE:
    """What is offered: echo, work list, performed steps, and storage in the transfer syntaxes that are taken."""
    made = AE(AE_TITLE)
    made.maximum_associations = MOST_ASSOCIATIONS
    made.maximum_pdu_size = PDU_BYTES
    made.acse_timeout, made.dimse_timeout, made.network_timeout = ACSE_SECONDS, DIMSE_SECONDS, IDLE_SECONDS
    for offered in (Verification, ModalityWorklistInformationFind, ModalityPerformedProcedureStep):
        made.add_supported_context(offered)
    # Where a device offers several syntaxes in one context, the first of ours that fits is taken.
    first = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
    syntaxes = [*first, *sorted(ACCEPTED_SYNTAXES - NATIVE_SYNTAXES)]
    for context in AllStoragePresentationContexts:
        made.add_supported_context(context.abstract_syntax or "", syntaxes)
    return made


def serve(*, host: str, port: int) -> Callable[[], None]:
    """Listen in threads of its own; returns the function that stops. :raises OSError: the port is taken"""
    _config.STORE_RECV_CHUNKED_DATASET = True  # a dataset is written to disk as it comes, never held in memory
    _config.LOG_HANDLER_LEVEL = "none"
    drafts = settings.FILES_DIR / "incoming-dicom"
    shutil.rmtree(drafts, ignore_errors=True)  # what a killed listener left was never acknowledged
    drafts.mkdir(parents=True)
    # The library asks for a temporary file without saying where: on the disk of the store it can be moved into place.
    dimse_messages.NamedTemporaryFile = partial(tempfile.NamedTemporaryFile, dir=drafts)  # type: ignore[assignment]
    made = entity()
    server = made.start_server((host, port), block=False, evt_handlers=handlers())
    if server is None:
        raise OSError("the listener did not start")
    return made.shutdown


def handlers() -> list[Any]:
    """What is done when."""
    return [
        (evt.EVT_CONN_OPEN, _bound),
        (evt.EVT_REQUESTED, _admit),
        (evt.EVT_DIMSE_RECV, _message_complete),
        (evt.EVT_C_ECHO, lambda event: 0x0000),
        (evt.EVT_C_STORE, storing.store),
        (evt.EVT_C_FIND, worklist.find),
        (evt.EVT_N_CREATE, steps.create),
        (evt.EVT_N_SET, steps.update),
    ]


def _bound(event: Event) -> None:
    """Read no more in one unit, nor in one message, than is ever taken."""
    socket: Any = event.assoc.dul.socket
    socket.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)  # an answer is not kept waiting for the next one
    socket.socket.settimeout(DIMSE_SECONDS)  # who stops in the middle of a unit is not waited for
    receive, count = socket.recv, _Count()
    event.assoc.xinglin_count = count  # type: ignore[attr-defined]

    def bounded(n_bytes: int) -> Any:
        count.taken += n_bytes
        if n_bytes > MOST_PDU_BYTES or count.taken > MAX_BYTES + MOST_PDU_BYTES:
            raise Flood("more than is ever taken")
        return receive(n_bytes)

    socket.recv = bounded
    event.assoc._target = _closing(event.assoc._target)  # type: ignore[attr-defined] # its thread starts after this


def _closing(run: Callable[[], None]) -> Callable[[], None]:
    """An association has a thread of its own, and with it a connection to the database that ends with it."""

    def run_and_close() -> None:
        try:
            run()
        finally:
            connections.close_all()

    return run_and_close


class _Count:
    """Bytes read since the last whole message."""

    taken = 0


def _message_complete(event: Event) -> None:
    event.assoc.xinglin_count.taken = 0  # type: ignore[attr-defined]


def _admit(event: Event) -> None:
    """Only a device on the list, from its own address, calling us by our name."""
    association: Any = event.assoc  # the library's object carries our node from here on
    asked = association.requestor.primitive
    calling, called = str(asked.calling_ae_title).strip(), str(asked.called_ae_title).strip()
    address = str(association.requestor.address)
    node = _node(calling, address)
    if node is None or called != AE_TITLE:
        logger.warning("refused association of %s at %s for %s", calling, address, called)
        association.acse.send_reject(*(CALLED_UNKNOWN if node else CALLING_UNKNOWN))
        association.kill()
        return
    association.xinglin_node = node
    note_seen(node=node, by=system_actor(AE_TITLE), at=clock.now())


def _node(ae_title: str, address: str) -> DicomNode | None:
    close_old_connections()
    plain = address.removeprefix("::ffff:")
    return next((each for each in queries.nodes() if (each.ae_title, each.address) == (ae_title, plain)), None)


def wait_for_stop(stopping: threading.Event, stop: Callable[[], None]) -> None:
    """Block until asked to stop, then finish the associations."""
    stopping.wait()
    stop()
