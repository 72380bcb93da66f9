"""Whether a mark holds on a day: by its dates, by no act against it, and by what other capabilities know of its holder."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.db.models import Q

from xinglin.recognition.data import CARRIES, Level
from xinglin.recognition.models import Mark

#: (marks that hold by their own dates, day) → reasons by id of those that do not, in the reader's language.
Validity = Callable[[Sequence[Mark], date], dict[int, str]]

_registered: list[Validity] = []


def register_validity(tells: Validity) -> None:
    """Have marks end by what a capability knows of their holder, such as a lapsed external assessment of a laboratory.

    Asked whenever marks are read, with all of them at once; called while applications load.
    """
    if tells not in _registered:
        _registered.append(tells)


def in_force(marks: Iterable[Mark], *, on: date) -> tuple[list[Mark], dict[int, str]]:
    """The marks that hold on a day, and for those that only others end, why."""
    dated = [each for each in marks if each.ended_at is None and each.valid_from <= on < each.valid_until]
    ended: dict[int, str] = {}
    for tells in _registered if dated else ():
        ended |= tells(dated, on)
    return [each for each in dated if each.pk not in ended], ended


def levels_of(facility_ids: Iterable[int], *, kind: str, on: date) -> dict[tuple[int, str], Level]:
    """The furthest mark each unit holds on a day, by unit and item; item empty: for every item of the kind. One query."""
    rows = Mark.objects.filter(facility_id__in=set(facility_ids), kind=kind, ended_at__isnull=True).filter(
        Q(valid_from__lte=on, valid_until__gt=on)
    )
    holding, _ended = in_force(list(rows), on=on)
    found: dict[tuple[int, str], Level] = {}
    for each in holding:
        key, level = (each.facility_id, each.item), Level(each.level)
        if key not in found or CARRIES[level] > CARRIES[found[key]]:
            found[key] = level
    return found


def level_for(levels: dict[tuple[int, str], Level], facility_id: int, item: str) -> Level | None:
    """What a unit holds for one item: its own mark or that for the whole kind, whichever carries further."""
    held = [level for key in ((facility_id, item), (facility_id, "")) if (level := levels.get(key)) is not None]
    return max(held, key=lambda level: CARRIES[level], default=None)
