"""Points of items and totals of sheets: written in one way only, each change on record. The caller holds the round."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.evaluations.models import ItemScore, Round, ScoreChange, Sheet
from xinglin.evaluations.rules.plans import Plan, as_kept
from xinglin.evaluations.rules.scoring import Basis, Scored, total
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput


def held(round_id: int) -> Round:
    """The round, locked: who moves it, who judges and who appeals wait for each other here."""
    return Round.objects.select_for_update().get(pk=round_id)


def held_item(item: ItemScore, revision: int | None) -> ItemScore:
    """The item as it is now, with its round locked. :raises Conflict: somebody else changed it after it was read"""
    found_round = held(item.sheet.round_id)
    now = ItemScore.objects.select_related("sheet").get(pk=item.pk)
    now.sheet.round = found_round
    if revision is not None and now.revision != revision:
        raise Conflict(_("别人刚刚改过这一项，请核对现在的内容再保存。"), code="stale-item")
    return now


def held_sheet(sheet: Sheet) -> Sheet:
    """The sheet as it is now, with its round locked."""
    found_round = held(sheet.round_id)
    now = Sheet.objects.get(pk=sheet.pk)
    now.round = found_round
    return now


def plan_of(found: Round) -> Plan:
    """The plan as it read when the round was opened."""
    return as_kept(found.plan)


def give(item: ItemScore, points: int | None, basis: Basis, *, reason: str, by: Actor, at: datetime) -> None:
    """Give an item its points, with the reason, and bring the total of its sheet up to date."""
    if points is not None and not 0 <= points <= item.weight:
        words = _("得分应在0到%(most)s之间。") % {"most": f"{item.weight / 100:g}"}
        raise InvalidInput(words, fields={"points": words})
    was, item.points, item.basis = item.points, points, basis
    item.revision += 1
    item.save()
    ScoreChange.objects.create(
        item=item, was=was, became=points, basis=basis, reason=reason, changed_at=at, changed_by=by.user_id,
        changed_by_name=by.name,
    )  # fmt: skip
    add_up(item.sheet)


def add_up(sheet: Sheet) -> None:
    """The total of a sheet from its items."""
    plan = plan_of(sheet.round)
    scores = {each.code: Scored(each.points, Basis(each.basis)) for each in sheet.items.all()}
    sheet.points = total(plan, scores).points
    sheet.save(update_fields=["points"])
