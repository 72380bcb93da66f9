"""The directory of experts: who, when, and at which stations."""

from collections.abc import Callable
from datetime import date, time
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinglin.accounts.api import signed_in
from xinglin.consultations import actions, catalogue, directory, permissions, slots
from xinglin.consultations.actions import Hours
from xinglin.consultations.models import Availability, Expert, StationSession
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, InvalidInput
from xinglin.web.answers import fields_of, message_of, page, write_once
from xinglin.web.request import Request

ROWS = 8  # lines of the form of a week


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def experts(request: Request) -> HttpResponse:
    """The directory, and for the desk the form of a new entry."""
    if request.method != "POST":
        return _directory(request)
    post = request.POST

    def write() -> str:
        if request.actor.place is None:
            raise InvalidInput(_("您没有所在机构。"), fields={"username": _("请联系管理员。")})
        expert = actions.register_expert(
            username=post.get("username", ""), managed_by_id=request.actor.place, title=post.get("title", ""),
            specialty=post.get("specialty", ""), field=post.get("field", ""), is_native=post.get("is_native") == "on",
            outside_hospital=post.get("outside_hospital", ""), by=request.actor, at=clock.now(),
        )  # fmt: skip
        return reverse("consultations:expert_detail", args=[expert.uuid])

    return write_once(request, write, _("已加入专家名录。"), again=lambda error: _directory(request, error=error))


def _directory(request: Request, *, error: DomainError | None = None) -> HttpResponse:
    actor, given = request.actor, request.GET
    paging = directory.experts(
        actor, specialty=given.get("specialty", ""), title=given.get("title", ""), query=given.get("q", ""),
        cursor=given.get("cursor", ""),
    )  # fmt: skip
    built = {
        "rows": [_line(each) for each in paging.rows], "paging": paging, "specialties": catalogue.specialties(),
        "titles": [(value, str(label)) for value, label in Expert.Title.choices], "given": given, "post": request.POST,
        "may_add": bool(permissions.may_keep_experts(actor, actor.place)) if actor.place else False,
        "fields": fields_of(error), "message": message_of(error),
    }  # fmt: skip
    return page(request, "consultations/experts.html", status=error.status if error else 200, page=built)


def _line(expert: Expert) -> dict[str, Any]:
    return {
        "name": str(expert), "title": str(expert.get_title_display()), "unit": expert.unit, "field": expert.field,
        "specialty": catalogue.specialty_title(expert.specialty), "is_native": expert.is_native,
        "is_outside": bool(expert.outside_hospital), "n_stations": len(expert.stations.all()),
        "url": reverse("consultations:expert_detail", args=[expert.uuid]),
    }  # fmt: skip


@require_safe
@signed_in
def expert(request: Request, uuid: UUID) -> HttpResponse:
    """One expert: his week, his free slots, his stations and what was held there."""
    return _detail(request, directory.visible_expert(request.actor, uuid))


def _detail(request: Request, found: Expert, *, error: DomainError | None = None, form: str = "") -> HttpResponse:
    actor, now = request.actor, clock.now()
    today = timezone.localdate(now)
    rows = list(slots.timetable(found, on=today))
    built = {
        "expert": found, "line": _line_of(found), "rating": directory.ratings_of(found), "week": _week(rows),
        "slots": slots.slots_of(found, at=now)[:16], "stations": [
            {"row": each, "is_open": directory.is_open(each, today), "form": f"session-{each.uuid}"} for each in directory.stations_of(found)
        ],
        "sessions": directory.sessions_of(found), "hours": _hours_rows(rows, request.POST if form == "times" else None),
        "may_set": bool(permissions.may_set_times(actor, found)),
        "may_keep": bool(permissions.may_keep_experts(actor, found.managed_by_id)),
        "weekdays": [(str(value), str(label)) for value, label in Availability.Weekday.choices],
        "kinds": [(value, str(label)) for value, label in StationSession.Kind.choices],
        "facilities": network.choices(network.open_facilities())
        if permissions.may_keep_experts(actor, found.managed_by_id) else [],
        "station_choices": [(str(each.uuid), each.name) for each in directory.stations_of(found)],
        "minutes": ("15", "20", "30", "60"), "today": today, "form": form, "post": request.POST, "fields": fields_of(error),
        "message": message_of(error),
    }  # fmt: skip
    return page(request, "consultations/expert.html", status=error.status if error else 200, page=built)


def _line_of(found: Expert) -> dict[str, Any]:
    return {
        "title": str(found.get_title_display()),
        "specialty": catalogue.specialty_title(found.specialty),
        "unit": found.unit,
    }


def _week(rows: list[Availability]) -> list[dict[str, Any]]:
    """The week by day, with where he is."""
    days = [{"label": str(label), "times": []} for _value, label in Availability.Weekday.choices]
    for each in rows:
        where = f"{each.station} · {each.station.facility}" if each.station else _("远程会诊")
        days[each.weekday]["times"].append(  # type: ignore[attr-defined]
            {"text": f"{each.begins:%H:%M}–{each.ends:%H:%M}", "where": where, "is_station": each.station is not None}
        )
    return [each for each in days if each["times"]]


def _hours_rows(rows: list[Availability], post: QueryDict | None) -> list[dict[str, str]]:
    """The lines of the form of a week: what is in force, what was typed, and empty ones."""
    if post is not None:
        names = ("weekday", "begins", "ends", "minutes", "station")
        lines = [
            dict(zip(names, values, strict=True)) for values in zip(*(post.getlist(n) for n in names), strict=False)
        ]
    else:
        lines = [
            {
                "weekday": str(each.weekday), "begins": f"{each.begins:%H:%M}", "ends": f"{each.ends:%H:%M}",
                "minutes": str(each.slot_minutes), "station": str(each.station.uuid) if each.station else "",
            }
            for each in rows
        ]  # fmt: skip
    empty = {"weekday": "", "begins": "", "ends": "", "minutes": "30", "station": ""}
    return lines + [empty] * max(2, ROWS - len(lines)) if len(lines) < ROWS else lines


def _hours_of(found: Expert, post: QueryDict) -> list[Hours]:
    stations = {str(each.uuid): each for each in directory.stations_of(found)}
    hours = []
    names = ("weekday", "begins", "ends", "minutes", "station")
    for weekday, begins, ends, minutes, station in zip(*(post.getlist(name) for name in names), strict=False):
        if not (weekday and begins and ends):
            continue
        try:
            hours.append(
                Hours(
                    int(weekday),
                    time.fromisoformat(begins),
                    time.fromisoformat(ends),
                    int(minutes or 30),
                    stations.get(station),
                )
            )
        except ValueError as error:
            raise InvalidInput(_("时间格式不对。"), fields={"hours": _("请核对每一段时间。")}) from error
    return hours


def _write(request: Request, found: Expert, form: str, act: Callable[[], object], message: str) -> HttpResponse:
    def write() -> str:
        act()
        return reverse("consultations:expert_detail", args=[found.uuid])

    return write_once(request, write, message, again=lambda error: _detail(request, found, error=error, form=form))


@require_POST
@signed_in
def times(request: Request, uuid: UUID) -> HttpResponse:
    """Give an expert his week."""
    found, now = directory.visible_expert(request.actor, uuid), clock.now()
    return _write(
        request, found, "times",
        lambda: actions.set_times(
            expert=found, hours=_hours_of(found, request.POST), since=clock.today(now), by=request.actor, at=now
        ),
        _("出诊时间已保存。"),
    )  # fmt: skip


@require_POST
@signed_in
def end(request: Request, uuid: UUID) -> HttpResponse:
    """Take somebody out of the directory."""
    found = directory.visible_expert(request.actor, uuid)

    def write() -> str:
        actions.end_expert(expert=found, by=request.actor, at=clock.now())
        return reverse("consultations:experts")

    return write_once(request, write, _("已从专家名录停用。"))


def _day(post: QueryDict, name: str) -> date:
    try:
        return date.fromisoformat(post.get(name, ""))
    except ValueError as error:
        raise InvalidInput(_("请填写日期。"), fields={name: _("请填写日期。")}) from error


@require_POST
@signed_in
def open_station(request: Request, uuid: UUID) -> HttpResponse:
    """Open a station for an expert."""
    found, post = directory.visible_expert(request.actor, uuid), request.POST

    def act() -> object:
        return actions.open_station(
            name=post.get("name", ""), expert=found, facility_id=_facility(request.actor, post.get("facility", "")),
            agreed_on=_day(post, "agreed_on"), agreed_until=_day(post, "agreed_until"), purpose=post.get("purpose", ""),
            by=request.actor, at=clock.now(),
        )  # fmt: skip

    return _write(request, found, "station", act, _("名医工作站已设立。"))


def _facility(actor: Actor, text: str) -> int:
    try:
        return network.facility_by_uuid(UUID(text)).id
    except ValueError as error:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("请从列表中选择。")}) from error


@require_POST
@signed_in
def record_session(request: Request, uuid: UUID) -> HttpResponse:
    """Write down what was held at a station."""
    station, post, now = directory.visible_station(request.actor, uuid), request.POST, clock.now()
    people = post.get("n_people", "")

    def act() -> object:
        return actions.record_station_session(
            station=station, kind=post.get("kind", ""), held_on=_day(post, "held_on"),
            n_people=int(people) if people.isascii() and people.isdecimal() else -1, note=post.get("note", ""),
            by=request.actor, at=now, today=clock.today(now),
        )  # fmt: skip

    return _write(request, station.expert, f"session-{station.uuid}", act, _("已登记。"))
