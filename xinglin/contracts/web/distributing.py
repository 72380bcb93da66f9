"""Residents without a team given out in one go: by a rule that is shown first, by a table that is checked first."""

from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.contracts import actions, assigning, tables
from xinglin.contracts.events import Event
from xinglin.contracts.web import words
from xinglin.contracts.web.assigning import filters, list_page, wish_of
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, TooLarge
from xinglin.web.answers import download, fields_of, message_of, page, write_once
from xinglin.web.formats import age_text
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX, read_lines

SALT = "contracts.checked-table"
#: How long a checked table may wait to be written, in seconds.
KEPT = 3_600
MOST_SHOWN = 200
MOST_ROWS = 5_000


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def by_rule(request: Request) -> HttpResponse:
    """What a rule would come to, team by team; and doing it. Names nobody."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CONTRACT_MANAGE).require()
    asked = request.POST if request.method == "POST" else request.GET
    keep = asked.get("keep", "village")

    def write() -> str:
        run = actions.distribute_by_rule(wish=wish_of(actor, asked), keep=keep, by=actor, at=clock.now())
        return f"{reverse('contracts:distribute')}?run={run.uuid}"

    error: DomainError | None = None
    plan = None
    if request.method == "POST":
        try:
            return write_once(request, write, _("已分配。"))
        except (InvalidInput, Conflict) as refusal:
            error = refusal
    elif not asked.get("run"):
        try:
            plan = actions.plan_by_rule(wish=wish_of(actor, asked), keep=keep, by=actor, at=at)
        except InvalidInput as refusal:
            error = refusal
    audit.record(Event.LISTED, by=actor, at=at, detail={"distribute": plan.n_asked if plan else 0})
    built = {
        "plan": plan, "keep": keep, "keeps": [("village", _("整村归一个团队")), ("household", _("按户均衡"))],
        "runs": [(each, words.way_title(each.way)) for each in assigning.runs_of(actor)], **filters(actor, asked),
        "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "contracts/distribute.html", status=error.status if error else 200, page=built)


@require_safe
@signed_in
def export(request: Request) -> HttpResponse:
    """The filtered list as a workbook, with an empty column for the team's code."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CONTRACT_SIGN).require()
    today = clock.today(at)
    people = assigning.unassigned_of(actor, wish_of(actor, request.GET), on=today, limit=MOST_ROWS)
    for start in range(0, len(people), 200):
        subjects = [each.uuid for each in people[start : start + 200]]
        audit.look_many(Event.EXPORTED, by=actor, at=at, subjects=subjects, table="unassigned")
    content = tables.table_of(
        people, assigning.teams_to_give_to(actor, on=today),
        network.division_names(each.division_code for each in people),
        {each.pk: age_text(each.born_on, today) for each in people},
    )  # fmt: skip
    return download(content, f"unassigned-{today}.xlsx", media_type=XLSX)


@require_POST
@signed_in
def check_table(request: Request) -> HttpResponse:
    """Check a filled-in table row by row. Nothing is written; what was found right may be written next."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CONTRACT_SIGN).require()
    file = request.FILES.get("file")
    try:
        if file is None:
            raise InvalidInput(_("请选择文件。"), fields={"file": _("请选择文件。")})
        today = clock.today(at)
        teams = assigning.teams_to_give_to(actor, on=today)
        rows = tables.plan(read_lines(file.read()), teams, by=actor, on=today)
    except (InvalidInput, TooLarge) as error:
        return list_page(request, error)
    good = [row for row in rows if not row.faults]
    _looked(request, good, at)
    checked = [[str(row.resident.uuid), str(row.team.uuid)] for row in good if row.team is not None]
    faults = [(row.number, *told) for row in rows for told in row.told]
    built = {
        "n": len(rows), "n_good": len(good), "n_bad": len(rows) - len(good), "faults": faults[:MOST_SHOWN],
        "n_hidden": max(len(faults) - MOST_SHOWN, 0), "teams": _counts(good), "name": file.name,
        "checked": signing.dumps([actor.user_id, checked], salt=SALT, compress=True) if checked else "",
    }  # fmt: skip
    return page(request, "contracts/check_table.html", page=built)


def _counts(rows: list[tables.Row]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for row in rows:
        name = f"{row.team.name} · {row.team.facility}" if row.team else ""
        found[name] = found.get(name, 0) + 1
    return sorted(found.items())


def _looked(request: Request, rows: list[tables.Row], at: Any) -> None:
    for start in range(0, len(rows), 200):
        subjects = [row.resident.uuid for row in rows[start : start + 200]]
        audit.look_many(Event.UNASSIGNED_LISTED, by=request.actor, at=at, subjects=subjects, table="check")


@require_POST
@signed_in
def write_table(request: Request) -> HttpResponse:
    """Write what was checked; it is looked at once more."""
    actor = request.actor

    def write() -> str:
        at = clock.now()
        pairs = _pairs(request)
        teams = {str(each.uuid): each for each in assigning.teams_to_give_to(actor, on=clock.today(at))}
        people = {
            str(each.uuid): each for each in assigning.chosen_residents(actor, [UUID(who) for who, _team in pairs])
        }
        known = [(people[who], teams[team]) for who, team in pairs if team in teams]
        run = actions.distribute_by_table(pairs=known, facility_id=actor.place, by=actor, at=at)
        return f"{reverse('contracts:unassigned')}?run={run.uuid}"

    return write_once(request, write, _("已按表格分配。"), again=lambda error: list_page(request, error))


def _pairs(request: Request) -> list[list[str]]:
    """Resident and team of each row that was checked. :raises InvalidInput: checked by somebody else, or too long ago"""
    try:
        who, pairs = signing.loads(request.POST.get("checked", ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        who, pairs = None, []
    if who is None or who != request.actor.user_id:
        told = _("检查结果已失效，请重新上传表格。")
        raise InvalidInput(told, fields={"file": told})
    return list(pairs)
