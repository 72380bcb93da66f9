"""What the pages of lists and forms show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from xinglin.accounts.api import Permission
from xinglin.network.api import facility_names, receiving_facilities
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.residents import identity, permissions, queries, searching
from xinglin.residents.actions.consents import KINDS
from xinglin.residents.banner import flags_of, known_conditions, person_of
from xinglin.residents.data import Flag, PersonBanner
from xinglin.residents.duplicates import AlreadyRegistered, Match, ProbableMatches
from xinglin.residents.fields import CONDITIONS, allergies_of
from xinglin.residents.models import Resident
from xinglin.web.answers import fields_of
from xinglin.web.formats import age_text

#: GB/T 3304: codes of the nationalities of China.
ETHNICITIES = dict(
    enumerate(
        [
            "汉族",
            "蒙古族",
            "回族",
            "藏族",
            "维吾尔族",
            "苗族",
            "彝族",
            "壮族",
            "布依族",
            "朝鲜族",
            "满族",
            "侗族",
            "瑶族",
            "白族",
            "土家族",
            "哈尼族",
            "哈萨克族",
            "傣族",
            "黎族",
            "傈僳族",
            "佤族",
            "畲族",
            "高山族",
            "拉祜族",
            "水族",
            "东乡族",
            "纳西族",
            "景颇族",
            "柯尔克孜族",
            "土族",
            "达斡尔族",
            "仫佬族",
            "羌族",
            "布朗族",
            "撒拉族",
            "毛南族",
            "仡佬族",
            "锡伯族",
            "阿昌族",
            "普米族",
            "塔吉克族",
            "怒族",
            "乌孜别克族",
            "俄罗斯族",
            "鄂温克族",
            "德昂族",
            "保安族",
            "裕固族",
            "京族",
            "塔塔尔族",
            "独龙族",
            "鄂伦春族",
            "赫哲族",
            "门巴族",
            "珞巴族",
            "基诺族",
        ],
        start=1,
    )
)


def link(name: str, *args: Any) -> str:
    """The address of a page of any capability, or nothing when there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Row:
    """One resident in a list, masked."""

    url: str
    name: str
    meta: str
    flags: Sequence[Flag]
    number: str

    @classmethod
    def of(cls, resident: Resident, actor: Actor) -> "Row":
        """From a row with `managed_by` loaded."""
        allergies = allergies_of(resident)
        flags = [Flag(_("过敏"), "critical", "alert-octagon")] if allergies else []
        if resident.status == Resident.Status.DECEASED:
            flags.append(Flag(_("已故"), "neutral", "minus"))
        document = identity.masked(resident.id_number or "") or _("无证件")
        return cls(
            url=reverse("residents:detail", args=[resident.uuid]),
            name=resident.name,
            meta=" · ".join(
                (
                    str(Resident.Sex(resident.sex).label),
                    age_text(resident.born_on, resident.died_on or clock.today()),
                    str(resident.managed_by),
                    document,
                )
            ),
            flags=[*flags, *flags_of(resident, actor)],
            number=resident.number,
        )


@dataclass(frozen=True)
class ResidentList:
    """The search page. Without a question: the residents lately seen here."""

    q: str
    rows: Sequence[Row]
    is_search: bool
    error: object = ""
    older_url: str = ""
    newer_url: str = ""
    can_register: Decision | None = None
    can_emergency: bool = False

    @classmethod
    def build(cls, actor: Actor, *, q: str, by: str, cursor: str, at: datetime) -> "ResidentList":
        """Search, or list the recent ones."""
        options: dict[str, Any] = {
            "q": q,
            "can_register": permissions.may_register(actor, facility_id=actor.place),
            "can_emergency": bool(actor.may(Permission.EMERGENCY_OPEN)),
        }
        if not q.strip():
            actor.may(Permission.RESIDENT_SEARCH).require()
            return cls(
                rows=[Row.of(each, actor) for each in queries.recent_residents(actor)], is_search=False, **options
            )
        found = searching.search(actor, q, by=by, cursor=cursor, at=at)
        base = f"{reverse('residents:list')}?{_query(q=q, by=by)}"
        return cls(
            rows=[Row.of(each, actor) for each in found.rows],
            is_search=True,
            newer_url="" if found.is_first else base,
            older_url=f"{base}&{_query(cursor=found.next_cursor)}" if found.next_cursor else "",
            **options,
        )


def _query(**values: str) -> str:
    return urlencode({key: value for key, value in values.items() if value and value != "auto"})


def sex_options() -> list[tuple[str, str]]:
    """Male, female, and the two others of the standard."""
    return [("1", _("男")), ("2", _("女")), ("9", _("未说明"))]


def kind_options() -> list[tuple[str, str]]:
    """Documents."""
    return [(kind.value, str(kind.label)) for kind in Resident.IdKind]


def insurance_options() -> list[tuple[str, str]]:
    """Insurance schemes."""
    return [(kind.value, str(kind.label)) for kind in Resident.Insurance]


def condition_options() -> list[tuple[str, str]]:
    """Long-term conditions."""
    return [(slug, str(label)) for slug, label in CONDITIONS.items()]


def ethnicity_options() -> list[tuple[str, str]]:
    """Nationalities of China."""
    return [(f"{code:02d}", name) for code, name in ETHNICITIES.items()]


def place_options(actor: Actor) -> list[tuple[int, str]]:
    """Facilities where the actor registers, his own first."""
    places = actor.places_where(Permission.RESIDENT_REGISTER)
    names = facility_names(places if places is not None else [actor.place])
    return sorted(names.items(), key=lambda pair: (pair[0] != actor.place, pair[1]))


@dataclass(frozen=True)
class ResidentForm:
    """Registering or editing. `data` is what stands in the boxes; `fields` what is wrong with it."""

    data: Mapping[str, Any]
    title: str
    action: str
    back_url: str
    is_new: bool
    places: Sequence[tuple[int, str]] = ()
    message: object = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    matches: Sequence[Match] = ()
    existing: Match | None = None
    chosen_conditions: Sequence[str] = ()
    identity_note: str = ""
    sexes: Sequence[tuple[str, str]] = field(default_factory=sex_options)
    kinds: Sequence[tuple[str, str]] = field(default_factory=kind_options)
    insurances: Sequence[tuple[str, str]] = field(default_factory=insurance_options)
    conditions: Sequence[tuple[str, str]] = field(default_factory=condition_options)
    ethnicities: Sequence[tuple[str, str]] = field(default_factory=ethnicity_options)

    @classmethod
    def register(cls, actor: Actor, data: Mapping[str, Any], error: DomainError | None = None) -> "ResidentForm":
        """A new registration, or what was wrong with the one sent."""
        values = {
            "id_kind": "RESIDENT_ID",
            "ethnicity": "01",
            "nationality": "CHN",
            "insurance": "RESIDENT",
            **_flat(data),
        }
        values.setdefault("managed_by", str(actor.place or ""))
        return cls(
            data=values,
            title=_("新建居民档案"),
            action=reverse("residents:register"),
            back_url=reverse("residents:list"),
            is_new=True,
            places=place_options(actor),
            chosen_conditions=_list(data, "conditions"),
            **_wrong(error),
        )

    @classmethod
    def edit(
        cls, actor: Actor, resident: Resident, data: Mapping[str, Any] | None = None, error: DomainError | None = None
    ) -> "ResidentForm":
        """The registration as it stands, or as it was sent."""
        address = reverse("residents:edit", args=[resident.uuid])
        values = _flat(data) if data is not None else _standing(resident, actor)
        chosen = _list(data, "conditions") if data is not None else known_conditions(resident, actor)
        note = identity.masked(resident.id_number or "")
        return cls(
            data=values,
            title=_("修改基本信息"),
            action=address,
            is_new=False,
            chosen_conditions=chosen,
            identity_note=note,
            back_url=reverse("residents:detail", args=[resident.uuid]) + "?tab=basic",
            **_wrong(error),
        )


def _standing(resident: Resident, actor: Actor) -> dict[str, Any]:
    names = ("name", "sex", "born_on", "id_kind", "address", "ethnicity", "nationality", "insurance", "allergies")
    values = {name: getattr(resident, name) for name in names}
    return values | {"phone": resident.phone or "", "id_number": ""}


def _wrong(error: DomainError | None) -> dict[str, Any]:
    if error is None:
        return {}
    if isinstance(error, ProbableMatches):
        return {"matches": error.matches}
    if isinstance(error, AlreadyRegistered):
        return {"existing": error.existing, "message": error.message}
    return {"message": error.message, "fields": fields_of(error)}


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in {"csrfmiddlewaretoken", "idempotency_key"}}


def _list(data: Mapping[str, Any], name: str) -> Sequence[str]:
    return data.getlist(name) if hasattr(data, "getlist") else []


@dataclass(frozen=True)
class TransferPage:
    """Where the management of a resident may go."""

    resident: Resident
    person: PersonBanner
    places: Sequence[tuple[UUID, str]]
    back_url: str

    @classmethod
    def build(cls, actor: Actor, resident: Resident) -> "TransferPage":
        """The clinics and township hospitals to choose from."""
        back = reverse("residents:detail", args=[resident.uuid]) + "?tab=basic"
        return cls(resident, person_of(resident, actor), transfer_options(resident), back)


@dataclass(frozen=True)
class ConsentPage:
    """The form of a consent. `data` is what stands in the boxes."""

    resident: Resident
    person: PersonBanner
    data: Mapping[str, Any]
    back_url: str
    message: object = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    kinds: Sequence[tuple[str, object]] = tuple(KINDS.items())

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Agreed, or not."""
        return [("yes", _("同意")), ("no", _("不同意"))]

    @classmethod
    def build(
        cls, actor: Actor, resident: Resident, data: Mapping[str, Any], error: DomainError | None = None
    ) -> "ConsentPage":
        """An empty form, or what was wrong with the one sent."""
        back = reverse("residents:detail", args=[resident.uuid]) + "?tab=consents"
        return cls(resident, person_of(resident, actor), data, back, **_wrong(error))


def transfer_options(resident: Resident) -> list[tuple[UUID, str]]:
    """Where the management may go: clinics and township hospitals, by name."""
    directions = ("SIDEWAYS", "DOWN", "UP")
    found = {
        each.uuid: each
        for direction in directions
        for each in receiving_facilities(from_facility_id=resident.managed_by_id, direction=direction)
    }
    nearby = [each for each in found.values() if each.tier != "COUNTY"]
    return [(each.uuid, each.name) for each in sorted(nearby, key=lambda each: (each.tier, each.name))]
