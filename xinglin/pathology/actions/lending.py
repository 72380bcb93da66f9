"""The archive: blocks and slides that leave it, and come back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import permissions
from xinglin.pathology.actions.rows import locked_case, tell
from xinglin.pathology.events import Event
from xinglin.pathology.models import Block, Loan, PathologyCase, Slide
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput

#: The longest time a piece may be away.
MOST = timedelta(days=365)


@transaction.atomic
def lend(
    *, case: PathologyCase, slides: Sequence[str] = (), blocks: Sequence[str] = (), borrower: str, borrower_phone: str,
    purpose: str, due_on: date, borrower_unit: str = "", deposit: str = "", by: Actor, at: datetime,
) -> Loan:  # fmt: skip
    """Lend slides and blocks (by code) of a reported case until a day.

    :raises NotPermitted: the actor does not keep the archive
    :raises Conflict: the case is not reported, or (``lent-already``) one of the pieces is out
    :raises InvalidInput: no piece, one that is not of this case, no borrower, a day that is past or beyond a year
    """
    case = locked_case(case)
    permissions.may_lend(by, case).require()
    chosen_slides = list(case.slides.filter(code__in=slides, made_at__isnull=False))
    chosen_blocks = list(case.blocks.filter(code__in=blocks))
    if not (slides or blocks) or len(chosen_slides) + len(chosen_blocks) != len({*slides, *blocks}):
        raise InvalidInput(_("请选择要借出的切片或蜡块。"), fields={"pieces": _("请选择。")})
    _check_in_archive(chosen_slides, chosen_blocks)
    today = timezone.localdate(at)
    if not today < due_on <= today + MOST:
        raise InvalidInput(_("归还日期应在明天之后、一年之内。"), fields={"due_on": _("请核对日期。")})
    clean = diagnostics.clean_text
    loan = Loan.objects.create(
        case=case, borrower=clean(borrower, "borrower", most=40, least=1),
        borrower_unit=clean(borrower_unit, "borrower_unit", most=80),
        borrower_phone=clean(borrower_phone, "borrower_phone", most=30, least=3),
        purpose=clean(purpose, "purpose", most=200, least=2), deposit=clean(deposit, "deposit", most=100),
        lent_at=at, lent_by=by.user_id, lent_by_name=by.name[:40], due_on=due_on,
    )  # fmt: skip
    loan.slides.set(chosen_slides)
    loan.blocks.set(chosen_blocks)
    tell(Event.LENT, case, by, at, loan=str(loan.uuid), pieces=len(chosen_slides) + len(chosen_blocks))
    return loan


def _check_in_archive(slides: Sequence[Slide], blocks: Sequence[Block]) -> None:
    out = Loan.objects.filter(returned_at__isnull=True)
    if out.filter(slides__in=slides).exists() or out.filter(blocks__in=blocks).exists():
        raise Conflict(_("其中有切片或蜡块已借出，尚未归还。"), code="lent-already")


@transaction.atomic
def take_back(*, loan: Loan, condition: str = "", by: Actor, at: datetime) -> Loan:
    """Everything of a loan came back; `condition` says how, when something is broken or missing.

    :raises NotPermitted: the actor does not keep the archive
    :raises Conflict: it came back already
    """
    case = locked_case(loan.case)
    loan = Loan.objects.select_for_update().get(pk=loan.pk)
    loan.case = case
    permissions.may_take_back(by, loan).require()
    Loan.objects.filter(pk=loan.pk).update(
        returned_at=at, returned_by=by.user_id or 0, returned_by_name=by.name[:40],
        condition=diagnostics.clean_text(condition, "condition", most=200),
    )  # fmt: skip
    tell(Event.RETURNED, case, by, at, loan=str(loan.uuid))
    loan.refresh_from_db()
    return loan
