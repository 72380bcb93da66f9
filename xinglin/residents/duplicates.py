"""Is this person registered already? Exact: refused. Probable: shown with reasons, and must be answered.

The whole county is searched, or a person would be registered once in each village. Of a registration outside the
reader's scope only what is needed to recognise it is shown, masked.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.residents import names
from xinglin.residents.models import Resident
from xinglin.residents.queries import residents_visible_to
from xinglin.web.formats import parted_text

#: Points of a sign that two registrations are one person; from `PROBABLE` on a match is shown.
PROBABLE = 50
SAME_NAME, SAME_SOUND, LIKE_NAME = 40, 30, 20
SAME_BIRTH, NEAR_BIRTH, LUNAR_BIRTH = 35, 20, 12
SAME_PHONE, SAME_SEX, SAME_PLACE = 25, 5, 5
OTHER_IDENTITY = -45
#: The lunar calendar runs behind the solar one by about so many days: a birthday told by it lands there.
LUNAR_DAYS = range(18, 53)
_MOST = 60  # candidates looked at


@dataclass(frozen=True, slots=True)
class Match:
    """A registration that is likely the same person. `is_visible`: on the reader's roster, so its address opens."""

    uuid: UUID
    number: str
    name: str
    sex: str
    born: str
    managed_by: str
    score: int
    reasons: tuple[object, ...]
    is_visible: bool


class AlreadyRegistered(Conflict):
    """The identity is registered. `existing` says where, masked for who does not see it."""

    code = "already-registered"

    def __init__(self, existing: Match) -> None:
        message = _(
            "同一身份已经建档：%(name)s，%(sex)s，%(born)s，由%(facility)s管理。居民出示证件的，请登记到诊，加入本机构名册。"
        ) % {
            "name": existing.name,
            "sex": existing.sex,
            "born": existing.born,
            "facility": existing.managed_by,
        }
        super().__init__(message)
        self.existing = existing
        self.fields = {"id_number": _("已经建档")}


class ProbableMatches(Conflict):
    """Registrations that are likely this person, and that nobody has yet said are not."""

    code = "probable-matches"

    def __init__(self, matches: list[Match]) -> None:
        super().__init__(_("有疑似同一人的档案，请逐一核对；确认不是同一人后再建档。"))
        self.matches = matches
        self.fields = {str(match.uuid): parted_text(str(reason) for reason in match.reasons) for match in matches}


def refuse_exact(resident: Resident, *, by: Actor) -> None:
    """:raises AlreadyRegistered: another registration has this identity"""
    rows = Resident.objects.select_related("managed_by", "merged_into__managed_by").filter(
        identity_index=resident.identity_index
    )
    existing = rows.exclude(pk=resident.pk).order_by("-status").first()
    if existing is not None:
        existing = existing.merged_into or existing
        if existing.pk != resident.pk:
            raise AlreadyRegistered(_as_match(existing, by=by, score=100, reasons=(_("证件相同"),)))


def refuse_unseen_matches(resident: Resident, *, acknowledged: Collection[UUID], by: Actor) -> None:
    """
    :raises ProbableMatches: there are probable matches that are not among `acknowledged`
    :raises AlreadyRegistered: one of them is this very identity, saved by another desk since it was last asked for
    """
    found = probable_matches(resident, by=by)
    if any(match.uuid not in acknowledged for match in found):
        refuse_exact(resident, by=by)
        raise ProbableMatches(found)


def probable_matches(resident: Resident, *, by: Actor) -> list[Match]:
    """Registrations that are likely the same person, the likeliest first, at most ten."""
    rated = []
    for other in _candidates(resident):
        score, reasons = rate(resident, other)
        if score >= PROBABLE:
            rated.append((score, other, reasons))
    rated.sort(key=lambda each: (-each[0], each[1].pk))
    best = rated[:10]
    seen = _visible_ids([other for _score, other, _reasons in best], by)
    return [
        _as_match(other, by=by, score=min(score, 99), reasons=reasons, is_visible=other.pk in seen)
        for score, other, reasons in best
    ]


def rate(one: Resident, other: Resident) -> tuple[int, tuple[object, ...]]:
    """How likely two registrations are one person (0..100), with the reasons in words."""
    score, reasons = 0, []
    for points, reason in (_name(one, other), _birth(one.born_on, other.born_on), *_others(one, other)):
        score += points
        if reason:
            reasons.append(reason)
    return max(score, 0), tuple(reasons)


def _name(one: Resident, other: Resident) -> tuple[int, object]:
    if one.name == other.name:
        return SAME_NAME, _("姓名相同")
    if one.pinyin and one.pinyin == other.pinyin:
        return SAME_SOUND, _("姓名同音")
    if names.similar(one.name, other.name):
        return LIKE_NAME, _("姓名相近")
    return 0, ""


def _birth(one: date, other: date) -> tuple[int, object]:
    if one == other:
        return SAME_BIRTH, _("出生日期相同")
    days = abs((one - other).days)
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return NEAR_BIRTH, _("出生月日互换")
    if days == 1 or (one.month, one.day) == (other.month, other.day) and abs(one.year - other.year) in {1, 10}:
        return NEAR_BIRTH, _("出生日期只差一处")
    if days in LUNAR_DAYS:
        return LUNAR_BIRTH, _("出生日期可能一为农历、一为公历")
    return 0, ""


def _others(one: Resident, other: Resident) -> Iterable[tuple[int, object]]:
    if _same_phone(one, other):
        yield SAME_PHONE, _("电话相同")
    if one.sex == other.sex:
        yield SAME_SEX, ""
    if one.division_code[:12] == other.division_code[:12]:
        yield SAME_PLACE, _("同村（居）")
    both_have_cards = one.id_number and other.id_number and one.id_kind == other.id_kind
    if both_have_cards and one.id_number != other.id_number:
        yield OTHER_IDENTITY, ""


def _candidates(resident: Resident) -> list[Resident]:
    """By three indexes: name with birth years near, telephone, birth date with its usual slips and the same sex."""
    born = resident.born_on
    days = [born, *(day for day in _slips(born) if day is not None)]
    near = Q(name=resident.name, born_on__range=(_shifted(born, -11), _shifted(born, 11)))
    alike = Q(born_on__in=days, sex=resident.sex)
    rows = Resident.objects.exclude(status=Resident.Status.MERGED).exclude(pk=resident.pk).select_related("managed_by")
    found: dict[int, Resident] = {}
    conditions = [near, alike] + ([Q(phone_index=resident.phone_index)] if resident.phone_index else [])
    for condition in conditions:
        limit = 20 * _MOST if condition is alike else _MOST
        found |= {
            row.pk: row for row in rows.filter(condition).order_by("pk")[:limit] if _speaks_for_a_match(resident, row)
        }
    return list(found.values())


def _speaks_for_a_match(one: Resident, other: Resident) -> bool:
    """Anything but the birth date."""
    return _same_phone(one, other) or names.similar(one.name, other.name)


def _same_phone(one: Resident, other: Resident) -> bool:
    if one.phone_index is None or other.phone_index is None:
        return False
    return bytes(one.phone_index) == bytes(other.phone_index)


def _slips(born: date) -> Iterable[date | None]:
    yield born - timedelta(days=1)
    yield born + timedelta(days=1)
    for year, month, day in (
        (born.year, born.day, born.month),
        (born.year - 1, born.month, born.day),
        (born.year + 1, born.month, born.day),
        (born.year - 10, born.month, born.day),
        (born.year + 10, born.month, born.day),
    ):
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _shifted(day: date, years: int) -> date:
    return date(min(max(day.year + years, 1), 9999), day.month, min(day.day, 28))


def _visible_ids(residents: list[Resident], by: Actor) -> set[int]:
    if not residents:
        return set()
    return set(residents_visible_to(by).filter(pk__in=[each.pk for each in residents]).values_list("pk", flat=True))


def _as_match(
    other: Resident, *, by: Actor, score: int, reasons: tuple[object, ...], is_visible: bool | None = None
) -> Match:
    if is_visible is None:
        is_visible = bool(_visible_ids([other], by))
    return Match(
        uuid=other.uuid,
        number=other.number if is_visible else "",
        name=other.name if is_visible else names.masked(other.name),
        sex=str(Resident.Sex(other.sex).label),
        born=other.born_on.isoformat() if is_visible else str(other.born_on.year),
        managed_by=str(other.managed_by),
        score=score,
        reasons=reasons,
        is_visible=is_visible,
    )
