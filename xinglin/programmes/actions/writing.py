"""A definition is made in the county: written, looked at by a second person, dated. Only what has no fault is kept."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.programmes import editions, kept, permissions, policies
from xinglin.programmes.actions.texts import required, text
from xinglin.programmes.events import Event
from xinglin.programmes.models import Edition, EditionText
from xinglin.programmes.rules import catalogue
from xinglin.programmes.states import EDITION_TRANSITIONS, EditionStatus

#: What a changed text loses.
_UNREVIEWED: dict[str, Any] = {"reviewed_at": None, "reviewed_by": None, "reviewed_by_name": ""}
MOST_REASON = 500


@transaction.atomic
def keep_edition(*, text: str, by: Actor, at: datetime) -> Edition:
    """Keep a text without faults as a draft.

    :raises NotPermitted: the actor does not write definitions
    :raises InvalidInput: it has faults; `fields` say them with their lines
    """
    permissions.may_write_edition(by).require()
    programme = editions.require_good(text)
    edition = Edition.objects.create(
        slug=programme.slug, title=programme.title.zh[:200], text=text, checksum=editions.checksum_of(text),
        status_changed_at=at, made_at=at, written_by=by.user_id or 0, written_by_name=by.name[:40],
    )  # fmt: skip
    note_status(edition, by=by, at=at)
    _note_text(edition, by=by, at=at)
    _announce(Event.EDITION_KEPT, edition, by=by, at=at)
    return edition


@transaction.atomic
def change_edition(*, edition: Edition, text: str, checksum: str, by: Actor, at: datetime) -> Edition:
    """Put another text in place of the one with this checksum. It is a draft again, whatever was approved.

    :raises NotPermitted: the actor does not write definitions
    :raises Conflict: it was dated, or somebody changed it meanwhile
    :raises InvalidInput: the text has faults, or is of another programme
    """
    permissions.may_write_edition(by).require()
    edition = _locked(edition, checksum)
    is_draft = edition.status == EditionStatus.DRAFT
    if not is_draft:
        permissions.may_step_edition(by, edition, EditionStatus.DRAFT).require()
    programme = editions.require_good(text)
    if programme.slug != edition.slug:
        raise InvalidInput(
            _("slug 与原草稿不同：另一个病种请另起一份草稿。"), fields={"text": programme.slug}, code="other-programme"
        )
    facts = {
        "text": text, "checksum": editions.checksum_of(text), "title": programme.title.zh[:200],
        "written_by": by.user_id or 0, "written_by_name": by.name[:40], **_UNREVIEWED,
    }  # fmt: skip
    if is_draft:
        Edition.objects.filter(pk=edition.pk).update(**facts)
        edition.refresh_from_db()
    else:
        move(edition, table=EDITION_TRANSITIONS, to=EditionStatus.DRAFT, by=by, at=at, reason_code="CHANGED", **facts)
    _note_text(edition, by=by, at=at)
    _announce(Event.EDITION_CHANGED, edition, by=by, at=at)
    return edition


@transaction.atomic
def submit_edition(*, edition: Edition, checksum: str, by: Actor, at: datetime) -> Edition:
    """Ask a second person to look at it."""
    return _step(edition, EditionStatus.SUBMITTED, Event.EDITION_SUBMITTED, checksum, by=by, at=at)


@transaction.atomic
def approve_edition(*, edition: Edition, checksum: str, note: str = "", by: Actor, at: datetime) -> Edition:
    """A second person has looked at the text with this checksum, and finds it right.

    :raises NotPermitted: the actor does not review, or wrote some of it
    :raises Conflict: it is not submitted, or not the text that was looked at
    """
    facts = {"reviewed_at": at, "reviewed_by": by.user_id, "reviewed_by_name": by.name[:40]}
    said = text("note", note, MOST_REASON)
    return _step(edition, EditionStatus.APPROVED, Event.EDITION_APPROVED, checksum, by=by, at=at, reason=said, **facts)


@transaction.atomic
def return_edition(*, edition: Edition, checksum: str, reason: str, by: Actor, at: datetime) -> Edition:
    """A second person has looked, and says what is to be done better."""
    said = required("reason", reason, MOST_REASON)
    return _step(edition, EditionStatus.RETURNED, Event.EDITION_RETURNED, checksum, by=by, at=at, reason=said)


@transaction.atomic
def date_edition(*, edition: Edition, checksum: str, valid_from: date, by: Actor, at: datetime) -> Edition:
    """Let an approved text hold from a day on, today or later. Who is enrolled keeps the version he is on.

    :raises Conflict: it is not approved, or the programme has a version of that day
    :raises InvalidInput: the day is past, or the text is not right as of that day
    """
    if valid_from < clock.today(at):
        raise InvalidInput(_("生效日不能早于今天。"), fields={"valid_from": _("请选择今天或以后的日期。")})
    programme = editions.require_good(edition.text, valid_from=valid_from)
    if any(each.version == programme.version for each in catalogue.all_versions(fresh=True)):
        raise Conflict(_("该病种已有同一天生效的版本，请换一天。"), code="version-exists")
    try:
        with transaction.atomic():
            facts: dict[str, Any] = {"version": programme.version, "valid_from": valid_from}
            _step(edition, EditionStatus.DATED, Event.EDITION_DATED, checksum, by=by, at=at, **facts)
    except IntegrityError as error:
        raise Conflict(_("该病种已有同一天生效的版本，请换一天。"), code="version-exists") from error
    kept.forget()
    return edition


@transaction.atomic
def withdraw_edition(*, edition: Edition, checksum: str, reason: str, by: Actor, at: datetime) -> Edition:
    """Take back a version before its day.

    :raises Conflict: it has begun
    """
    said = required("reason", reason, MOST_REASON)
    policies.can_withdraw_edition(edition, on=clock.today(at)).require()
    _step(edition, EditionStatus.WITHDRAWN, Event.EDITION_WITHDRAWN, checksum, by=by, at=at, reason=said)
    kept.forget()
    return edition


@transaction.atomic
def discard_edition(*, edition: Edition, checksum: str, reason: str, by: Actor, at: datetime) -> Edition:
    """Give up what is on its way; the texts are kept."""
    said = required("reason", reason, MOST_REASON)
    return _step(edition, EditionStatus.DISCARDED, Event.EDITION_DISCARDED, checksum, by=by, at=at, reason=said)


def _step(  # noqa: PLR0913 - one call says everything about one step
    edition: Edition, to: EditionStatus, event: Event, checksum: str, *, by: Actor, at: datetime, reason: str = "", **facts: Any
) -> Edition:  # fmt: skip
    locked = _locked(edition, checksum)
    permissions.may_step_edition(by, locked, to).require()
    move(locked, table=EDITION_TRANSITIONS, to=to, by=by, at=at, reason=reason, **facts)
    edition.refresh_from_db()
    _announce(event, edition, by=by, at=at)
    return edition


def _locked(edition: Edition, checksum: str) -> Edition:
    """The row as it stands, for us alone. :raises Conflict: its text is not the one that was looked at"""
    found = Edition.objects.select_for_update().get(pk=edition.pk)
    if found.checksum != checksum:
        raise Conflict(_("文本刚被修改，请刷新后再看。"), code="stale-text")
    return found


def _note_text(edition: Edition, *, by: Actor, at: datetime) -> None:
    EditionText.objects.create(
        edition=edition, text=edition.text, checksum=edition.checksum, written_at=at, written_by=by.user_id or 0,
        written_by_name=by.name[:40],
    )  # fmt: skip


def _announce(event: Event, edition: Edition, *, by: Actor, at: datetime) -> None:
    announce(
        event,
        obj=edition,
        by=by,
        at=at,
        programme=edition.slug,
        version=edition.version,
        checksum=edition.checksum[:12],
    )
