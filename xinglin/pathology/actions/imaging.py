"""Pictures: taken in, and opened. One look at the person for each opening, however many tiles are read after it."""

from datetime import datetime, timedelta
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import permissions
from xinglin.pathology.actions.rows import locked_case, tell
from xinglin.pathology.events import Event, Look
from xinglin.pathology.models import Opening, PathologyCase, Picture, Slide
from xinglin.pathology.pictures import MAX_BYTES, Facts, facts_of
from xinglin.platform import audit, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, wrong
from xinglin.platform.models import StoredFile

#: What is read within it belongs to the same opening.
LASTS = timedelta(hours=1)
MOST_PICTURES = 60


@transaction.atomic
def add_picture(
    *, case: PathologyCase, file: "BinaryIO | UploadedFile", view: str, slide: str = "", caption: str = "",  # type: ignore[type-arg]
    by: Actor, at: datetime,
) -> Picture:  # fmt: skip
    """Keep a picture of a case; `slide` is the code of the slide it shows. The file is looked into before it is kept.

    :raises NotPermitted: the actor does not prepare at the centre
    :raises Conflict: the specimen is not taken in
    :raises InvalidInput: no picture that can be opened (``picture-unknown``), the same one twice, no such slide or view
    :raises TooLarge: more than 1 GB; nothing is kept
    """
    case = locked_case(case)
    permissions.may_add_picture(by, case).require()
    if view not in Picture.View.values:
        raise InvalidInput(_("请选择图像种类。"), fields={"view": _("请选择。")})
    if case.pictures.count() >= MOST_PICTURES:
        raise InvalidInput(_("本例图像已满。"), fields={"file": _("最多 %(n)d 幅。") % {"n": MOST_PICTURES}})
    of = _slide(case, slide)
    caption = diagnostics.clean_text(caption, "caption", most=100)
    stored, facts = _kept(file, at)
    if case.pictures.filter(file=stored).exists():
        raise InvalidInput(_("同一幅图像重复上传。"), fields={"file": _("同一幅图像重复上传。")}, code="same-file")
    picture = Picture.objects.create(
        case=case, slide=of, view=Picture.View.SLIDE if facts.is_tiled else view, file=stored, format=facts.format,
        width=facts.width, height=facts.height, levels=facts.levels, microns_per_pixel=facts.microns_per_pixel,
        caption=caption, added_at=at, added_by=by.user_id, added_by_name=by.name[:40],
    )  # fmt: skip
    tell(Event.PICTURE_ADDED, case, by, at, picture=str(picture.uuid))
    return picture


def _slide(case: PathologyCase, code: str) -> Slide | None:
    if not code:
        return None
    found = case.slides.filter(code=code).first()
    if found is None:
        raise wrong("slide", _("没有这个编号：%(code)s。") % {"code": code[:40]})
    return found


def _kept(file: "BinaryIO | UploadedFile", at: datetime) -> tuple[StoredFile, Facts]:  # type: ignore[type-arg]
    draft = files.draft(file, max_bytes=MAX_BYTES)
    try:
        facts = facts_of(draft)
        row = files.keep(draft, at=at)
    finally:
        draft.unlink(missing_ok=True)
    stored, _created = StoredFile.objects.get_or_create(
        sha256=row.sha256, defaults={"size": row.size, "media_type": row.media_type, "stored_at": at}
    )
    return stored, facts


@transaction.atomic
def open_picture(*, picture: Picture, by: Actor, at: datetime) -> bool:
    """Record that the actor looks at a picture he can see, once an hour. Returns whether it was recorded now."""
    user_id = by.user_id or 0
    if Opening.objects.filter(picture=picture, user_id=user_id, opened_at__gt=at - LASTS).exists():
        by.trace.n_records += 1  # this read is covered by the record of its opening
        return False
    Opening.objects.create(picture=picture, user_id=user_id, opened_at=at)
    subject = picture.case.request.resident.uuid
    audit.look(Look.PICTURE, by=by, at=at, subject=subject, kind="pathology.picture", key=str(picture.uuid))
    return True
