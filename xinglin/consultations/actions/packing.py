"""What goes into the pack of a case: chosen by who asks, checked to be the resident's and in his sight."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.consultations import permissions
from xinglin.consultations.actions.steps import locked, tell
from xinglin.consultations.data import Chosen
from xinglin.consultations.events import Event
from xinglin.consultations.models import Case, PackItem
from xinglin.consultations.policies import Verb
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import api as imaging
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.platform.texts import clean
from xinglin.residents import api as residents
from xinglin.visits import api as visits

K = PackItem.Kind
MOST_ITEMS = 40
MAX_FILE = 20 * 1_048_576
FILE_TYPES = ("image/png", "image/jpeg", "application/pdf")


@transaction.atomic
def change_pack(
    *, case: Case, add: Sequence[Chosen] = (), remove: Sequence[PackItem] = (), by: Actor, at: datetime
) -> Case:
    """Put something into the pack, or take it out: from then on no expert reads it.

    :raises NotPermitted: not of the unit that asked
    :raises Conflict: the opinion is given, or the case has ended
    :raises NotVisible: a part is not in sight
    """
    fresh = locked(case)
    permissions.may(Verb.CHANGE_PACK, by, fresh).require()
    put_in(fresh, add, by=by, at=at)
    for each in remove:
        fresh.items.filter(pk=each.pk, removed_at__isnull=True).update(removed_at=at, removed_by=by.user_id)
    tell(Event.PACK_CHANGED, fresh, by=by, at=at, added=len(add), removed=len(remove))
    return fresh


@transaction.atomic
def add_file(*, case: Case, file: Any, title: str, by: Actor, at: datetime) -> PackItem:
    """Put a picture or a PDF into the pack, such as a report from elsewhere.

    :raises NotPermitted: not of the unit that asked
    :raises InvalidInput: neither PNG, JPEG nor PDF
    :raises TooLarge: more than 20 MB
    """
    fresh = locked(case)
    permissions.may(Verb.CHANGE_PACK, by, fresh).require()
    _room_for(fresh, 1)
    stored = files.store(file, at=at, max_bytes=MAX_FILE, accept=FILE_TYPES)
    item = PackItem.objects.create(
        case=fresh, kind=K.NOTE, title=clean(title, "title", most=120, least=1), file=stored, added_at=at,
        added_by=by.user_id,
    )  # fmt: skip
    tell(Event.PACK_CHANGED, fresh, by=by, at=at, added=1, removed=0)
    return item


def put_in(case: Case, chosen: Sequence[Chosen], *, by: Actor, at: datetime) -> None:
    """Write the parts of a pack; one that is there already stays once.

    :raises InvalidInput: too many, not of this resident, or a note without words
    :raises NotVisible: a part is not in the sight of who chooses it
    """
    _room_for(case, len(chosen))
    there = {(each.kind, each.object_uuid) for each in case.items.filter(removed_at__isnull=True)}
    for each in chosen:
        item = _item(case, each, by=by, at=at)
        if each.kind != K.NOTE and (item.kind, item.object_uuid) in there:
            continue
        there.add((item.kind, item.object_uuid))
        item.save()


def _room_for(case: Case, n: int) -> None:
    if case.items.filter(removed_at__isnull=True).count() + n > MOST_ITEMS:
        raise InvalidInput(
            _("会诊资料最多%(most)d份。") % {"most": MOST_ITEMS}, fields={"items": _("请只选与会诊有关的资料。")}
        )


def _item(case: Case, chosen: Chosen, *, by: Actor, at: datetime) -> PackItem:
    item = PackItem(case=case, kind=chosen.kind, object_uuid=chosen.uuid, added_at=at, added_by=by.user_id)
    if chosen.kind == K.NOTE:
        item.object_uuid = None
        item.title = clean(chosen.title, "title", most=120) or "补充说明"
        item.text = clean(chosen.text, "text", most=4000, least=1)
        return item
    if chosen.kind == K.RECORD:
        item.object_uuid, item.title = None, case.resident.number
        return item
    if chosen.uuid is None or chosen.kind not in K.values:
        raise InvalidInput(_("资料无法识别。"), fields={"items": _("请重新选择。")})
    resident_id, item.title = _found(chosen, by=by, at=at)
    if resident_id not in residents.ids_of_person(case.resident):
        raise NotVisible("consultations.chosen", chosen.uuid)
    return item


def _found(chosen: Chosen, *, by: Actor, at: datetime) -> tuple[int | None, str]:
    """Whose it is, and by which number and place it is known."""
    if chosen.uuid is None:
        raise NotVisible("consultations.chosen", "")
    if chosen.kind == K.VISIT:
        visit = visits.visible_visit(by, chosen.uuid, at=at)
        return visit.resident_id, f"{visit.number} {visit.facility}"
    if chosen.kind == K.REQUEST:
        request = diagnostics.visible_request(by, chosen.uuid)
        return request.resident_id, f"{request.number} {request.centre.name}"
    study = imaging.visible_study(by, chosen.uuid)
    summary = imaging.study_summary(study)
    return study.resident_id, " ".join(["/".join(summary.modalities), summary.description]).strip()[:120]
