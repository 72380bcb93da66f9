"""Subscriptions to a monthly report, and the reports."""

import io
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import actor_of_user
from xinglin.indicators import documents, permissions, reports
from xinglin.indicators.actions import publish_figures
from xinglin.indicators.definitions.reading import LEVELS
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.events import Event
from xinglin.indicators.models import MONTHLY, MONTHLY_EN, MonthlyReport, Snapshot, Subscription
from xinglin.indicators.screens import LANGUAGES, chosen_slugs
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.finding import the_one
from xinglin.platform.jobs import defer_once
from xinglin.platform.outbox import announce

#: Figures of one report, and subscriptions of one person.
MOST_FIGURES, MOST_EACH = 30, 10
MOST_BYTES = 20_000_000
#: The job that makes one report.
MAKE = "indicators.make-report"


@transaction.atomic
def subscribe(*, slugs: Sequence[str], level: str, language: str, day: int, by: Actor, at: datetime) -> Subscription:
    """Want a report each month. :raises NotPermitted: no right to the board. :raises InvalidInput: figures, level, day
    :raises Conflict: too many subscriptions
    """
    permissions.may_view_board(by).require()
    if by.user_id is None:
        raise NotPermitted(_("只有本人可以订阅。"), code="not-a-person")
    wrong = {"level": level not in LEVELS, "language": language not in LANGUAGES, "day": not 1 <= day <= 28}
    if any(wrong.values()):
        raise InvalidInput(
            _("层级、语言或日期不对；日期为1到28日。"), fields={name: "" for name, bad in wrong.items() if bad}
        )
    running = Subscription.objects.select_for_update().filter(user_id=by.user_id, ended_at__isnull=True)
    if len(running) >= MOST_EACH:
        raise Conflict(_("最多同时订阅%(most)d份月报。") % {"most": MOST_EACH}, code="too-many")
    subscription = Subscription.objects.create(
        user_id=by.user_id, slugs=chosen_slugs(slugs, most=MOST_FIGURES), level=level, language=language, day=day,
        started_at=at,
    )  # fmt: skip
    announce(Event.SUBSCRIBED, obj=subscription, by=by, at=at, level=level, day=day)
    return subscription


@transaction.atomic
def unsubscribe(*, uuid: UUID, by: Actor, at: datetime) -> Subscription:
    """Want it no longer; what was made stays. :raises NotPermitted: no right to the board
    :raises NotVisible: not one of his. :raises Conflict: it has ended
    """
    permissions.may_view_board(by).require()
    found = the_one(reports.subscriptions_of(by), uuid=uuid)
    return _end(found, by=by, at=at)


def _end(subscription: Subscription, *, by: Actor, at: datetime, reason: str = "") -> Subscription:
    running = Subscription.objects.filter(pk=subscription.pk, ended_at__isnull=True)
    if not running.update(ended_at=at, end_reason=reason):
        raise Conflict(_("这份订阅已经取消。"), code="ended")
    announce(Event.UNSUBSCRIBED, obj=subscription, by=by, at=at, reason=reason)
    return subscription


@transaction.atomic
def ask_for_report(*, uuid: UUID, by: Actor, at: datetime) -> Subscription:
    """Have the report of the latest whole month made now, before its day; the worker makes it, once.

    :raises NotPermitted: no right to the board. :raises NotVisible: not one of his. :raises Conflict: it has ended
    """
    permissions.may_view_board(by).require()
    found = the_one(reports.subscriptions_of(by), uuid=uuid)
    if found.ended_at is not None:
        raise Conflict(_("这份订阅已经取消。"), code="ended")
    month = parse(f"{clock.today(at):%Y-%m}").before.text
    announce(Event.REPORT_ASKED, obj=found, by=by, at=at, month=month)
    defer_once(MAKE, lock=f"{MAKE}-{found.pk}-{month}", subscription=found.pk, month=month)
    return found


@transaction.atomic
def make_report(*, subscription_id: int, month: str, by: Actor, at: datetime) -> MonthlyReport | None:
    """The report of a month for a subscription; the one that is there, if it was made. What its owner may see is asked now:
    who may no more gets none, and his subscription ends.

    :raises Conflict: nothing was extracted yet
    """
    found = Subscription.objects.select_for_update(of=("self",)).select_related("user").get(pk=subscription_id)
    made = found.reports.filter(month=month).first()
    if made is not None or found.ended_at is not None:
        return made
    owner = actor_of_user(found.user, at=at) if found.user.is_active else Actor(kind="user")
    if not permissions.may_view_board(owner):
        _end(found, by=by, at=at, reason="no-right")
        return None
    snapshot = Snapshot.objects.filter(title=MONTHLY, period=month).select_related("version").first()
    if snapshot is None:
        snapshot = publish_figures(title=MONTHLY, title_en=MONTHLY_EN, period=month, by=by, at=at)
    content = documents.monthly_pdf(reports.contents(found, snapshot, owner, at=at), language=found.language)
    stored = files.store(io.BytesIO(content), at=at, max_bytes=MOST_BYTES, accept={"application/pdf"})
    report = MonthlyReport.objects.create(subscription=found, month=month, snapshot=snapshot, file=stored, made_at=at)
    announce(Event.REPORT_MADE, obj=report, by=by, at=at, month=month)
    return report
