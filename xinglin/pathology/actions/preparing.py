"""From tissue to slides: grossing, embedding, orders of further slides, slides made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, permissions
from xinglin.pathology.actions.rows import locked_case, tell
from xinglin.pathology.data import BlockIn
from xinglin.pathology.events import Event
from xinglin.pathology.models import Block, PathologyCase, Slide, StainOrder
from xinglin.pathology.states import CASE_TRANSITIONS, CaseStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, wrong
from xinglin.platform.transitions import move
from xinglin.web.formats import listed_text

RowT = TypeVar("RowT")
MOST_BLOCKS, MOST_SLIDES = 60, 30


@transaction.atomic
def gross_case(*, case: PathologyCase, gross: str, blocks: Sequence[BlockIn], by: Actor, at: datetime) -> list[Block]:
    """Describe what is seen with the eye and make the first blocks; one slide of each is wanted.

    :raises NotPermitted: the actor does not prepare at the centre
    :raises Conflict: it was grossed already, is not here, or is cytology
    :raises InvalidInput: no description, no block, a container without a block, or one that is not of this case
    """
    case = locked_case(case)
    permissions.may_gross(by, case).require()
    gross = diagnostics.clean_text(gross, "gross", most=4000, least=2)
    letters = {part.letter for part in case.parts.all()}
    if missing := sorted(letters - {each.part for each in blocks}):
        told = _("标本 %(parts)s 还没有蜡块。") % {"parts": listed_text(missing)}
        raise InvalidInput(told, fields={"blocks": told})
    made = _made(case, blocks, by, at)
    move(
        case, table=CASE_TRANSITIONS, to=CaseStatus.GROSSED, by=by, at=at, place=case.centre.facility_id, gross=gross,
        grossed_at=at, grossed_by=by.user_id or 0, grossed_by_name=by.name[:40],
    )  # fmt: skip
    tell(Event.GROSSED, case, by, at, blocks=len(made))
    return made


@transaction.atomic
def add_blocks(*, case: PathologyCase, blocks: Sequence[BlockIn], by: Actor, at: datetime) -> list[Block]:
    """Make further blocks of what is left.

    :raises NotPermitted: the actor does not prepare at the centre
    :raises Conflict: it was not grossed yet, or is cytology
    :raises InvalidInput: no block, or of a container that is not of this case
    """
    case = locked_case(case)
    permissions.may_add_blocks(by, case).require()
    made = _made(case, blocks, by, at)
    tell(Event.GROSSED, case, by, at, blocks=len(made))
    return made


@transaction.atomic
def withdraw_block(*, case: PathologyCase, block: str, reason: str, by: Actor, at: datetime) -> PathologyCase:
    """Take back a block (by code) that was entered by mistake, with the slide that was wanted of it.

    The trail keeps its code and the reason. When what is left is all embedded, the case is.

    :raises NotPermitted: the actor did not make it
    :raises Conflict: it is embedded, cut or more was ordered of it
    :raises InvalidInput: no such block, no reason, or the last block of its container
    """
    case = locked_case(case)
    (row,) = _by_code({each.code: each for each in case.blocks.all()}, [block], "withdrawn_block")
    permissions.may_withdraw_block(by, case, row).require()
    reason = diagnostics.clean_text(reason, "withdraw_reason", most=200, least=2)
    if not case.blocks.filter(part=row.part_id).exclude(pk=row.pk).exists():
        told = _("每份标本至少留一个蜡块。")
        raise InvalidInput(told, fields={"withdrawn_block": told})
    row.slides.all().delete()
    row.delete()
    if case.status == CaseStatus.GROSSED and not case.blocks.filter(embedded_at__isnull=True).exists():
        move(case, table=CASE_TRANSITIONS, to=CaseStatus.EMBEDDED, by=by, at=at, place=case.centre.facility_id)
    tell(Event.BLOCK_WITHDRAWN, case, by, at, block=block, reason=reason)
    return case


def _made(case: PathologyCase, blocks: Sequence[BlockIn], by: Actor, at: datetime) -> list[Block]:
    if not blocks or case.blocks.count() + len(blocks) > MOST_BLOCKS:
        told = _("请填写1—%(n)d个蜡块。") % {"n": MOST_BLOCKS}
        raise InvalidInput(told, fields={"blocks": told})
    parts = {part.letter: part for part in case.parts.all()}
    last = dict(case.blocks.values_list("part__letter").annotate(Max("number")))
    rows = []
    for each in blocks:
        part = parts.get(each.part)
        if part is None:
            raise wrong("blocks", _("没有这份标本。"))
        number = last[each.part] = last.get(each.part, 0) + 1
        rows.append(
            Block(
                case=case, part=part, number=number, code=f"{case.number}-{part.letter}{number}",
                note=diagnostics.clean_text(each.note, "blocks", most=100), n_pieces=max(1, min(each.n_pieces, 99)),
                made_at=at, made_by=by.user_id, made_by_name=by.name[:40],
            )
        )  # fmt: skip
    made = Block.objects.bulk_create(rows)
    stain = catalogue.first_stain(case.kind)
    for block in made:
        _want(block, [stain], at)
    return made


def _want(block: Block, stains: Iterable[str], at: datetime, order: StainOrder | None = None) -> list[Slide]:
    """Slides of a block that are to be made, numbered on."""
    last = block.slides.aggregate(last=Max("number"))["last"] or 0
    return Slide.objects.bulk_create(
        [
            Slide(
                case_id=block.case_id, part_id=block.part_id, block=block, order=order, number=number, stain=stain,
                code=f"{block.code}-{number}", wanted_at=at,
            )
            for number, stain in enumerate(stains, last + 1)
        ]
    )  # fmt: skip


@transaction.atomic
def embed_blocks(*, case: PathologyCase, blocks: Iterable[str], by: Actor, at: datetime) -> PathologyCase:
    """Blocks (by code) are embedded in paraffin. When none is left, the case is embedded. Said twice, done once.

    :raises NotPermitted: the actor does not prepare at the centre
    :raises Conflict: it was not grossed yet
    :raises InvalidInput: a code that is no block of this case
    """
    case = locked_case(case)
    permissions.may_make_slides(by, case).require()
    rows = _by_code({block.code: block for block in case.blocks.all()}, blocks, "blocks")
    Block.objects.filter(pk__in=[block.pk for block in rows], embedded_at__isnull=True).update(
        embedded_at=at, embedded_by=by.user_id or 0, embedded_by_name=by.name[:40]
    )
    if case.status == CaseStatus.GROSSED and not case.blocks.filter(embedded_at__isnull=True).exists():
        move(case, table=CASE_TRANSITIONS, to=CaseStatus.EMBEDDED, by=by, at=at, place=case.centre.facility_id)
    tell(Event.EMBEDDED, case, by, at, blocks=len(rows))
    return case


@transaction.atomic
def order_slides(
    *, case: PathologyCase, block: str, way: str, stains: Sequence[str] = (), panel: str = "", n_slides: int = 1,
    reason: str = "", by: Actor, at: datetime,
) -> StainOrder:  # fmt: skip
    """Ask for more slides of a block (by code): recut or deeper levels (`n_slides`, HE), stains, antibodies, a panel.

    :raises NotPermitted: not a pathologist of the centre
    :raises Conflict: it was not grossed yet, or is cytology
    :raises InvalidInput: no such block, way, stain or panel; more than 30 slides
    """
    case = locked_case(case)
    permissions.may_order(by, case).require()
    (of,) = _by_code({each.code: each for each in case.blocks.all()}, [block], "block")
    if way not in StainOrder.Way.values:
        raise InvalidInput(_("请选择加做的方式。"), fields={"way": _("请选择。")})
    if way in {StainOrder.Way.RECUT, StainOrder.Way.DEEPER}:
        chosen = [catalogue.first_stain(case.kind)] * n_slides
    else:
        chosen = catalogue.chosen_stains(way, stains, panel)
    if not 1 <= len(chosen) <= MOST_SLIDES:
        told = _("一次1—%(n)d张。") % {"n": MOST_SLIDES}
        raise InvalidInput(told, fields={"n_slides": told})
    order = StainOrder.objects.create(
        case=case, block=of, way=way, panel=panel, reason=diagnostics.clean_text(reason, "reason", most=200),
        ordered_at=at, ordered_by=by.user_id, ordered_by_name=by.name[:40],
    )  # fmt: skip
    _want(of, chosen, at, order)
    tell(Event.STAIN_ORDERED, case, by, at, slides=len(chosen), way=way)
    return order


@transaction.atomic
def make_slides(*, case: PathologyCase, slides: Iterable[str], by: Actor, at: datetime) -> PathologyCase:
    """Slides (by code) are made. When the first ones of the case are all there, it can be read. Said twice, done once.

    :raises NotPermitted: the actor does not prepare at the centre
    :raises Conflict: it was not grossed yet
    :raises InvalidInput: a code that is no slide of this case
    """
    case = locked_case(case)
    permissions.may_make_slides(by, case).require()
    rows = _by_code({slide.code: slide for slide in case.slides.all()}, slides, "slides")
    Slide.objects.filter(pk__in=[slide.pk for slide in rows], made_at__isnull=True).update(
        made_at=at, made_by=by.user_id or 0, made_by_name=by.name[:40]
    )
    waiting = case.slides.filter(order__isnull=True, made_at__isnull=True)
    if case.status in {CaseStatus.RECEIVED, CaseStatus.GROSSED, CaseStatus.EMBEDDED} and not waiting.exists():
        move(case, table=CASE_TRANSITIONS, to=CaseStatus.SLIDED, by=by, at=at, place=case.centre.facility_id)
    tell(Event.SLIDES_MADE, case, by, at, slides=len(rows))
    return case


@transaction.atomic
def grade_slide(*, case: PathologyCase, slide: str, grade: str, remark: str = "", by: Actor, at: datetime) -> Slide:
    """Say how good a slide (by code) is: A, B or C; a later word takes the place of the former.

    :raises NotPermitted: not a pathologist of the centre
    :raises InvalidInput: no such slide or grade; it is not made yet
    """
    case = locked_case(case)
    permissions.may_grade(by, case).require()
    (row,) = _by_code({each.code: each for each in case.slides.filter(made_at__isnull=False)}, [slide], "slide")
    if grade not in Slide.Grade.values:
        raise InvalidInput(_("请选择切片等级。"), fields={"grade": _("请选择。")})
    remark = diagnostics.clean_text(remark, "remark", most=100)
    Slide.objects.filter(pk=row.pk).update(grade=grade, grade_remark=remark, graded_at=at, graded_by=by.user_id or 0)
    tell(Event.SLIDE_GRADED, case, by, at, grade=grade)
    row.refresh_from_db()
    return row


def _by_code(known: dict[str, RowT], codes: Iterable[str], field: str) -> list[RowT]:
    wanted = list(dict.fromkeys(codes))
    if not wanted or (unknown := [code for code in wanted if code not in known]):
        told = _("没有这个编号：%(code)s。") % {"code": (unknown[0] if wanted else "—")[:40]}
        raise InvalidInput(told, fields={field: told})
    return [known[code] for code in wanted]
