"""What a QIDO-RS query asks for, held against the columns we keep. What is not understood is refused, not ignored."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.imaging.models import Study
from xinglin.imaging.queries import studies_visible_to
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong
from xinglin.residents import api as residents

MOST = 200
#: Names and tags of the same key.
KEYS = {
    "StudyInstanceUID": "uid", "0020000D": "uid", "AccessionNumber": "accession", "00080050": "accession",
    "StudyDate": "date", "00080020": "date", "ModalitiesInStudy": "modality", "00080061": "modality",
    "PatientID": "patient", "00100020": "patient", "PatientName": "name", "00100010": "name",
}  # fmt: skip
#: About the answer, not about what is looked for.
ABOUT = {"limit", "offset", "includefield", "fuzzymatching"}


def studies(actor: Actor, asked: Mapping[str, Any]) -> list[Study]:
    """Visible studies that match, newest first.

    `PatientID` is a whole identity number or health record number, as our work list gives it to a modality: so a viewer
    finds somebody's former studies.

    :raises InvalidInput: a key we do not look by; people are found by their record, not by name or wildcard here
    """
    found = studies_visible_to(actor)
    for key, value in asked.items():
        if key in ABOUT or not value:
            continue
        if key not in KEYS or KEYS[key] == "name" or KEYS[key] == "patient" and set(value) & set("*?"):
            raise wrong(key[:40], _("不支持按 %(key)s 查询。") % {"key": key[:40]})
        found = _narrowed(found, KEYS[key], str(value))
    return window(found.order_by("-received_at", "-id"), asked)


def _narrowed(found: QuerySet[Study], key: str, value: str) -> QuerySet[Study]:
    if key == "uid":
        return found.filter(study_uid__in=value.replace("\\", ",").split(",")[:MOST])
    if key == "accession":
        return found.filter(accession_number=value)
    if key == "patient":
        return found.filter(
            Q(resident__in=residents.ids_by_identity([value]).values()) | Q(resident__number=value.strip())
        )
    if key == "modality":
        return found.filter(modalities__contains=[value])
    first, _dash, last = value.partition("-")
    since, until = _day(first), _day(last) if "-" in value else _day(first)
    if since:
        found = found.filter(taken_at__gte=since)
    return found.filter(taken_at__lt=until + timedelta(days=1)) if until else found


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.strptime(text, "%Y%m%d"))
    except ValueError as error:
        raise wrong("StudyDate", _("日期应为 YYYYMMDD。")) from error


def window(rows: Any, asked: Mapping[str, Any]) -> list[Any]:
    """The part of the rows that `limit` and `offset` ask for. :raises InvalidInput: no numbers"""
    try:
        limit, offset = int(asked.get("limit") or 5_000), int(asked.get("offset") or 0)
    except ValueError as error:
        raise wrong("limit", _("limit 与 offset 应为整数。")) from error
    limit, offset = min(max(limit, 1), 5_000), min(max(offset, 0), 1_000_000)
    return list(rows[offset : offset + limit])
