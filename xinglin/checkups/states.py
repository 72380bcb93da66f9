"""States of a check-up and of its stations."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """A check-up is booked, begun, examined, reported; or it ends before."""

    BOOKED = "BOOKED", pgettext_lazy("checkup", "已预约")
    ARRIVED = "ARRIVED", _("体检中")
    EXAMINED = "EXAMINED", _("待总检")
    REPORTED = "REPORTED", pgettext_lazy("checkup", "已出报告")
    CANCELLED = "CANCELLED", pgettext_lazy("checkup", "已取消")
    MISSED = "MISSED", _("未到检")


class StationStatus(models.TextChoices):
    """A resident waits at a station, was examined there, or was not, with a reason."""

    WAITING = "WAITING", _("候检")
    DONE = "DONE", _("已检")
    NOT_DONE = "NOT_DONE", _("未检")


CHECKUP_TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.CANCELLED, Status.MISSED}),
    Status.ARRIVED: frozenset({Status.EXAMINED, Status.CANCELLED}),
    Status.EXAMINED: frozenset({Status.ARRIVED, Status.REPORTED}),
    Status.REPORTED: frozenset({Status.EXAMINED}),
    Status.CANCELLED: frozenset(),
    Status.MISSED: frozenset(),
}
STATION_TRANSITIONS: dict[StationStatus, frozenset[StationStatus]] = {
    StationStatus.WAITING: frozenset({StationStatus.WAITING, StationStatus.DONE, StationStatus.NOT_DONE}),
    StationStatus.DONE: frozenset({StationStatus.DONE}),
    StationStatus.NOT_DONE: frozenset({StationStatus.WAITING, StationStatus.DONE}),
}
#: A person has at most one of these at a time.
OPEN = (Status.BOOKED, Status.ARRIVED, Status.EXAMINED)
#: Of these one a year is free.
COUNTED = (*OPEN, Status.REPORTED)
#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.BOOKED: ("info", "calendar"),
    Status.ARRIVED: ("warning", "clock"),
    Status.EXAMINED: ("warning", "edit"),
    Status.REPORTED: ("ok", "check-circle"),
    Status.CANCELLED: ("neutral", "ban"),
    Status.MISSED: ("neutral", "x-circle"),
}
STATION_LOOKS: dict[StationStatus, tuple[str, str]] = {
    StationStatus.WAITING: ("info", "clock"),
    StationStatus.DONE: ("ok", "check-circle"),
    StationStatus.NOT_DONE: ("neutral", "ban"),
}
