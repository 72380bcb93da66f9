"""Store what came, before anybody is told that it is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.exchange import faults
from xinglin.exchange.envelope import ACCEPT, ERROR, REJECT, Envelope
from xinglin.exchange.faults import Fault, words_of
from xinglin.exchange.models import InboundMessage
from xinglin.exchange.states import InboundStatus
from xinglin.platform.actors import Actor

#: Of what is refused so much is kept, enough to see what it was.
KEPT_OF_REFUSED = 64_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """What to answer. `repeated`: it had been received before, and nothing was stored."""

    code: str
    fault: Fault | None = None
    repeated: bool = False


@transaction.atomic
def receive(*, envelopes: Sequence[Envelope], by: Actor, at: datetime) -> list[Receipt]:
    """Store messages in their order and say how each is acknowledged once this is committed.

    What came before with the same content gets the same answer and is not stored again; the same control id with other
    content is refused and kept apart. A statement or two, however many messages. The rows are the record of receipt;
    what is made of them is audited when it is made.
    """
    pairs = {(each.slug, each.control_id) for each in envelopes}
    known = _known(pairs)
    rows, receipts = [], []
    for envelope in envelopes:
        row, receipt = _decide(envelope, known, at=at)
        receipts.append(receipt)
        if row is not None:
            known.setdefault((envelope.slug, envelope.control_id), []).append((envelope.digest, row.status, row.answer))
            rows.append(row)
    if rows:
        InboundMessage.objects.bulk_create(rows)
    return receipts


def _known(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], list[tuple[bytes, str, str]]]:
    """What is stored under these control ids: digest, status and answer."""
    found: dict[tuple[str, str], list[tuple[bytes, str, str]]] = {}
    rows = InboundMessage.objects.filter(
        connection__in={pair[0] for pair in pairs}, control_id__in={pair[1] for pair in pairs}
    ).values_list("connection", "control_id", "digest", "status", "answer")
    for slug, control_id, digest, status, answer in rows:
        found.setdefault((slug, control_id), []).append((bytes(digest), status, answer))
    return found


def _decide(
    envelope: Envelope, known: dict[tuple[str, str], list[tuple[bytes, str, str]]], *, at: datetime
) -> tuple[InboundMessage | None, Receipt]:
    """The row to write, if any, and the answer."""
    same_id = known.get((envelope.slug, envelope.control_id), [])
    fault = envelope.fault
    if fault is None and any(status != InboundStatus.REFUSED for _digest, status, _answer in same_id):
        if any(d == envelope.digest and status != InboundStatus.REFUSED for d, status, _answer in same_id):
            return None, Receipt(ACCEPT, repeated=True)
        fault = Fault(
            "control-id-reused", _("这个消息控制号已用于另一份内容。"), "MSH-10", hl7_code=faults.DUPLICATE_KEY,
            rejects=True,
        )  # fmt: skip
    code = ACCEPT if fault is None else REJECT if fault.rejects else ERROR
    if fault is not None and any(d == envelope.digest and s == InboundStatus.REFUSED for d, s, _answer in same_id):
        return None, Receipt(code, fault, repeated=True)
    return _row(envelope, fault, code, at=at), Receipt(code, fault)


def _row(envelope: Envelope, fault: Fault | None, code: str, *, at: datetime) -> InboundMessage:
    segment, number, component = fault.place if fault else ("", None, None)
    return InboundMessage(
        connection=envelope.slug, control_id=envelope.control_id, message_type=envelope.message_type,
        version=envelope.version, charset=envelope.encoding, size=len(envelope.raw), digest=envelope.digest,
        raw=envelope.raw if fault is None else envelope.raw[:KEPT_OF_REFUSED], address=envelope.address, answer=code,
        received_at=at, status_changed_at=at,
        status=InboundStatus.RECEIVED if fault is None else InboundStatus.REFUSED,
        fault_code=fault.code if fault else "", fault_segment=segment if len(segment) <= 3 else "",  # noqa: PLR2004
        fault_field=number, fault_component=component, fault_words=words_of(fault.message) if fault else {},
    )  # fmt: skip
