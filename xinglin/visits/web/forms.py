"""What was typed into the page of a visit: kept as text, so that it can be shown again; turned into values once."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from xinglin.platform.errors import InvalidInput, wrong
from xinglin.visits import medicines, queries
from xinglin.visits.data import VITAL_NAMES, Content, DiagnosisIn, OrderIn, PrescriptionIn, Vitals
from xinglin.visits.models import DiagnosisTerm, Visit

DECIMAL_NAMES = frozenset({"temperature", "glucose", "weight", "height"})
MOST_ROWS = 60  # more rows than any action takes are not even kept
DEFAULT_DAYS = "7"


@dataclass(frozen=True, slots=True)
class DiagnosisRow:
    """One diagnosis on the page."""

    system: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PrescriptionRow:
    """One medicine on the page."""

    medicine: str
    strength: str = ""
    dose: str = ""
    route: str = "口服"
    frequency: str = "每日1次"
    days: str = DEFAULT_DAYS
    quantity: str = ""
    is_tcm: str = ""


_RX = ("medicine", "strength", "dose", "route", "frequency", "days", "quantity", "is_tcm")


@dataclass(slots=True)
class Draft:
    """The page as typed. `to_content` gives what the action takes."""

    kind: str = Visit.Kind.OUTPATIENT
    started_at: str = ""
    vitals: dict[str, str] = field(default_factory=dict)
    glucose_when: str = ""
    complaint: str = ""
    history: str = ""
    examination: str = ""
    advice: str = ""
    diagnoses: list[DiagnosisRow] = field(default_factory=list)
    prescriptions: list[PrescriptionRow] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    confirmed_unusual: bool = False
    reason: str = ""

    @classmethod
    def from_post(cls, post: QueryDict) -> "Draft":
        """Read the fields of the page; what is missing is empty."""
        return cls(
            kind=post.get("kind", Visit.Kind.OUTPATIENT),
            started_at=post.get("started_at", "").strip(),
            vitals={name: plain(post.get(name, "")) for name in VITAL_NAMES},
            glucose_when=post.get("glucose_when", ""),
            **{name: post.get(name, "") for name in ("complaint", "history", "examination", "advice", "reason")},
            diagnoses=[DiagnosisRow(*row) for row in _rows(post, ("dx_system", "dx_code", "dx_name"))],
            prescriptions=[PrescriptionRow(*row) for row in _rows(post, tuple(f"rx_{name}" for name in _RX))],
            orders=[text for text in post.getlist("order")[:MOST_ROWS] if text.strip()],
            confirmed_unusual="confirmed_unusual" in post,
        )

    @classmethod
    def from_visit(cls, visit: Visit) -> "Draft":
        """The content of a visit, to be corrected."""
        draft = cls(
            kind=visit.kind,
            started_at=f"{timezone.localtime(visit.started_at):%Y-%m-%dT%H:%M}",
            vitals={name: "" if (value := getattr(visit, name)) is None else str(value) for name in VITAL_NAMES},
            glucose_when=visit.glucose_when,
            complaint=visit.complaint,
            history=visit.history,
            examination=visit.examination,
            orders=[f"{each.item} {each.note}".strip() for each in visit.orders.all()],
            confirmed_unusual=visit.confirmed_unusual,
        )
        draft.carry(visit)
        return draft

    def carry(self, visit: Visit) -> None:
        """Take diagnoses, medicines and advice of a former visit; what stands on the page already stays."""
        have = {(row.system, row.code) for row in self.diagnoses}
        self.diagnoses += [
            DiagnosisRow(each.system, each.code, each.name)
            for each in visit.diagnoses.all()
            if (each.system, each.code) not in have
        ]
        named = {row.medicine for row in self.prescriptions}
        self.prescriptions += [
            PrescriptionRow(
                each.medicine, each.strength, each.dose, each.route, each.frequency, str(each.days), each.quantity,
                "1" if each.is_tcm else "",
            )
            for each in visit.prescriptions.all()
            if each.medicine not in named
        ]  # fmt: skip
        self.advice = self.advice or visit.advice

    def add_diagnosis(self, term: DiagnosisTerm) -> None:
        """Put a diagnosis at the end, unless it is there."""
        if (term.system, term.code) not in {(row.system, row.code) for row in self.diagnoses}:
            self.diagnoses.append(DiagnosisRow(term.system, term.code, term.name))

    def add_medicine(self, name: str) -> None:
        """Put a medicine at the end, with its usual dose if it is a known one."""
        known = medicines.medicine_named(name)
        if known is None:
            self.prescriptions.append(PrescriptionRow(name[:80]))
            return
        self.prescriptions.append(PrescriptionRow(known.name, known.strength, known.dose, known.route, known.frequency))

    def to_content(self) -> Content:
        """As the action takes it. :raises InvalidInput: something is no number or no moment"""
        fields: dict[str, object] = {}
        content = Content(
            kind=self.kind, started_at=self._moment(fields), vitals=self._vitals(fields), complaint=self.complaint,
            history=self.history, examination=self.examination, advice=self.advice,
            diagnoses=[DiagnosisIn(row.code, row.name, row.system) for row in self.diagnoses],
            prescriptions=[_prescription(row, index, fields) for index, row in enumerate(self.prescriptions)],
            orders=[OrderIn(text.strip()) for text in self.orders],
        )  # fmt: skip
        if fields:
            raise InvalidInput(_("请更正标出的内容。"), fields=fields)
        return content

    def seen_vitals(self) -> Vitals:
        """The measurements that can be read so far; what cannot is left out."""
        return self._vitals({})

    def _vitals(self, fields: dict[str, object]) -> Vitals:
        values: dict[str, Any] = {}
        for name, text in self.vitals.items():
            if text:
                values[name] = _number(text, Decimal if name in DECIMAL_NAMES else _whole, name, fields)
        return Vitals(**values, glucose_when=self.glucose_when, confirmed_unusual=self.confirmed_unusual)

    def _moment(self, fields: dict[str, object]) -> datetime | None:
        if not self.started_at:
            return None
        try:
            moment = parse_datetime(self.started_at)
        except ValueError:
            moment = None
        if moment is None:
            fields["started_at"] = _("就诊时间无法识别。")
            return None
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _prescription(row: PrescriptionRow, index: int, fields: dict[str, object]) -> PrescriptionIn:
    days = _number(plain(row.days), _whole, f"prescriptions.{index}.days", fields) if row.days.strip() else 0
    return PrescriptionIn(
        medicine=row.medicine.strip(), dose=row.dose.strip(), frequency=row.frequency.strip(), days=days or 0,
        strength=row.strength.strip(), route=row.route.strip(), quantity=row.quantity.strip(), is_tcm=bool(row.is_tcm),
    )  # fmt: skip


def plain(text: str) -> str:
    """Text with full-width digits and points as plain ones, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().replace("。", ".")


def _whole(text: str) -> int:
    if len(text) > 6:
        raise ValueError(text)
    return int(text)


def _number(text: str, read: Callable[[str], Any], name: str, fields: dict[str, object]) -> Any:
    try:
        return read(text[:12])
    except (ValueError, InvalidOperation):
        fields[name] = _("请填写数字。")
        return None


def _rows(post: QueryDict, names: Sequence[str]) -> Iterable[tuple[str, ...]]:
    columns = [post.getlist(name)[:MOST_ROWS] for name in names]
    if len({len(column) for column in columns}) > 1:
        raise wrong(names[0], _("提交的内容不完整，请刷新页面后重试。"))
    return zip(*columns, strict=True)


def change(
    draft: Draft, operation: str, post: Mapping[str, str], *, at: datetime, last: Visit | None
) -> list[DiagnosisTerm]:
    """Do one small step of the page (``carry``, ``dx-add``, ``dx-take:system:code``, ``dx-drop:n``, ``dx-first:n``,
    ``rx-add``, ``rx-drop:n``); returns diagnoses to choose from where the text did not say which.
    """
    verb, _colon, argument = operation.partition(":")
    if verb == "carry" and last is not None:
        draft.carry(last)
    elif verb == "dx-add":
        return _find_diagnosis(draft, post, at=at)
    elif verb == "dx-take":
        _take(draft, argument)
    elif verb in {"dx-drop", "dx-first"} and (index := _index(argument, draft.diagnoses)) is not None:
        row = draft.diagnoses.pop(index)
        if verb == "dx-first":
            draft.diagnoses.insert(0, row)
    elif verb == "rx-add":
        name = post.get("rx", "").strip() or post.get("rx_text", "").strip()
        if name:
            draft.add_medicine(name)
    elif verb == "rx-drop" and (index := _index(argument, draft.prescriptions)) is not None:
        draft.prescriptions.pop(index)
    return []


def _take(draft: Draft, key: str) -> bool:
    system, _colon, code = key.partition(":")
    term = DiagnosisTerm.objects.filter(system=system[:10], code=code[:20]).first() if "\x00" not in key else None
    if term is not None:
        draft.add_diagnosis(term)
    return term is not None


def _find_diagnosis(draft: Draft, post: Mapping[str, str], *, at: datetime) -> list[DiagnosisTerm]:
    if _take(draft, post.get("dx", "")):
        return []
    text = post.get("dx_text", "").strip()
    if not text:
        return []
    found = queries.search_terms(text, on=timezone.localdate(at))
    if len(found) == 1 or (found and found[0].name == text):
        draft.add_diagnosis(found[0])
        return []
    return found


def _index(text: str, rows: Sequence[object]) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and int(text) < len(rows) else None
