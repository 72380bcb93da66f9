"""Whether a step is possible now, by the case's state alone."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.pathology.data import Kind
from xinglin.pathology.models import Block, FrozenSection, Loan, PathologyCase, Receipt, SecondOpinion
from xinglin.pathology.states import CASE_TRANSITIONS, CaseStatus
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.transitions import can_move

#: Tissue is here: blocks and slides can be added, also after the report.
HERE = (CaseStatus.GROSSED, CaseStatus.EMBEDDED, CaseStatus.SLIDED, CaseStatus.READ, CaseStatus.REPORTED)
#: The centre has it and owes a report.
OPEN = (CaseStatus.RECEIVED, CaseStatus.GROSSED, CaseStatus.EMBEDDED, CaseStatus.SLIDED, CaseStatus.READ)
_RECEIVED_ALREADY = impossible("received-already", _("标本已核收；拒收只能在核收时进行。"))


def _step(case: PathologyCase, to: CaseStatus) -> Decision:
    return can_move(case, table=CASE_TRANSITIONS, to=to)


def can_be_received(case: PathologyCase) -> Decision:
    """Whether it can be taken in. What is held waits for the sender's answer first."""
    if case.status == CaseStatus.HELD:
        return impossible("held", _("标本存疑，等待送检单位答复。"))
    return _step(case, CaseStatus.RECEIVED)


def can_be_held(case: PathologyCase) -> Decision:
    """Whether the sender can be asked about it."""
    return _step(case, CaseStatus.HELD)


def can_be_refused(case: PathologyCase) -> Decision:
    """Whether it can be refused: at receipt only."""
    if case.status in {*OPEN, CaseStatus.REPORTED}:
        return _RECEIVED_ALREADY
    return _step(case, CaseStatus.REFUSED)


def can_be_withdrawn(case: PathologyCase) -> Decision:
    """Whether the sender can take it back."""
    return _step(case, CaseStatus.WITHDRAWN)


def can_be_answered(receipt: Receipt) -> Decision:
    """Whether the question of the desk still waits."""
    if receipt.answered_at is None and receipt.outcome == Receipt.Outcome.HELD:
        return ALLOWED
    return impossible("already-answered", _("这个疑问已经答复。"))


def can_be_grossed(case: PathologyCase) -> Decision:
    """Whether blocks can be made for the first time. Smears and fluids have none."""
    if case.kind == Kind.CYTOLOGY:
        return impossible("no-blocks", _("细胞学标本不取材，直接制片。"))
    return _step(case, CaseStatus.GROSSED)


def can_take_blocks(case: PathologyCase) -> Decision:
    """Whether further blocks can be made of what is left."""
    if case.kind == Kind.CYTOLOGY:
        return impossible("no-blocks", _("细胞学标本不取材，直接制片。"))
    if case.status in HERE:
        return ALLOWED
    return impossible("not-grossed", _("还没有取材。"))


def can_lose_block(case: PathologyCase, block: Block) -> Decision:
    """Whether a block can be taken back: before it is embedded, and before slides of it are made or asked for."""
    if block.embedded_at is not None or any(each.made_at or each.order_id for each in block.slides.all()):
        return impossible("block-used", _("这个蜡块已包埋、已制片或已加做，不能撤销。"))
    return can_take_blocks(case)


def can_take_slides(case: PathologyCase) -> Decision:
    """Whether slides can be made or ordered."""
    if case.status in HERE or (case.kind == Kind.CYTOLOGY and case.status == CaseStatus.RECEIVED):
        return ALLOWED
    return impossible("not-grossed", _("还没有取材。"))


def can_take_pictures(case: PathologyCase) -> Decision:
    """Whether pictures can be added: from receipt on."""
    if case.status in {*OPEN, CaseStatus.REPORTED}:
        return ALLOWED
    return impossible("not-received", _("标本核收后才能采集图像。"))


def can_be_signed(case: PathologyCase) -> Decision:
    """Whether a report can be signed: its slides are there."""
    if case.status in {CaseStatus.SLIDED, CaseStatus.READ}:
        return ALLOWED
    if case.status == CaseStatus.REPORTED:
        return impossible("already-reported", _("正式报告已签发；请更正或补充。"))
    return impossible("no-slides", _("切片还没有制好，不能签发报告。"))


def can_be_lent(case: PathologyCase) -> Decision:
    """Whether its material can leave the archive."""
    if case.status == CaseStatus.REPORTED:
        return ALLOWED
    return impossible("not-reported", _("报告签发后才能外借。"))


def can_be_returned(loan: Loan) -> Decision:
    """Whether it is still out."""
    if loan.returned_at is None:
        return ALLOWED
    return impossible("already-returned", _("已经归还。"))


def can_be_told(frozen: FrozenSection) -> Decision:
    """Whether the answer of a frozen section can be told: once, and when the tissue is here."""
    if frozen.answered_at is not None:
        return impossible("already-told", _("冰冻结果已经通报。"))
    if frozen.case.received_at is None:
        return impossible("not-received", _("标本还没有核收。"))
    return ALLOWED


def can_be_compared(frozen: FrozenSection) -> Decision:
    """Whether it can be compared with the paraffin: when both are said."""
    if frozen.answered_at is None:
        return impossible("not-told", _("还没有冰冻结果。"))
    if frozen.case.status != CaseStatus.REPORTED:
        return impossible("not-reported", _("石蜡报告签发后再对照。"))
    if frozen.compared_at is not None:
        return impossible("already-compared", _("已经对照。"))
    return ALLOWED


def can_be_given(opinion: SecondOpinion) -> Decision:
    """Whether an opinion still waits."""
    if opinion.answered_at is None:
        return ALLOWED
    return impossible("already-given", _("会诊意见已经签发。"))


def is_overdue(loan: Loan, at: datetime) -> bool:
    """Whether a loan is past its day (local time of the county)."""
    from django.utils import timezone  # noqa: PLC0415

    return loan.returned_at is None and timezone.localdate(at) > loan.due_on
