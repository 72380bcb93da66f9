"""Packages, stations and items of check-ups, and what a value means: definitions read, values judged. Pure; no database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.checkups.data import Found, Level, PlanStep, Step
from xinglin.laboratory.data import ResultSummary
from xinglin.platform.definitions import Definition, DefinitionError, load
from xinglin.platform.language import either, is_english

LEVELS = list(Level)
#: Neither without the other, and the first is the higher one.
PRESSURE = ("systolic", "diastolic")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked or measured, as `definitions/programme-items` says."""

    code: str
    zh: str
    en: str
    kind: str
    unit_zh: str
    unit_en: str
    decimals: int
    low: Decimal | None
    high: Decimal | None
    loinc: str
    options: Mapping[str, tuple[str, str]]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.zh, self.en)

    @property
    def unit(self) -> str:
        """In the reader's language."""
        return either(self.unit_zh, self.unit_en)

    def understood(self, value: object) -> Found:
        """A value as it is kept. :raises ValueError: with the reason, when it is none of this item"""
        text = " ".join(str(value).split()).replace("，", ".").replace("．", ".")
        if self.kind == "number":
            number = self._number(text)
            return Found(self.code, f"{number:.{self.decimals}f}", number, self.loinc)
        if self.kind == "yes-no":
            if text not in ("yes", "no"):
                raise ValueError(_("请选择是或否。"))
        elif self.options:
            chosen = text.split(",")
            if not set(chosen) <= set(self.options) or (self.kind == "choice" and len(chosen) != 1):
                raise ValueError(_("请从列表中选择。"))
        if len(text) > 500 or "\x00" in text:
            raise ValueError(_("内容太长。"))
        return Found(self.code, text, None, self.loinc)

    def _number(self, text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise ValueError(_("请填数字。")) from error
        if not number.is_finite() or abs(number) >= 10**6:
            raise ValueError(_("请填数字。"))
        if self.low is not None and self.high is not None and not self.low <= number <= self.high:
            raise ValueError(
                _("超出可能的范围（%(low)s—%(high)s）。") % {"low": f"{self.low:f}", "high": f"{self.high:f}"}
            )
        return number.quantize(Decimal(1).scaleb(-self.decimals))

    def words(self, text: str) -> str:
        """A kept value as it is read, without its unit."""
        if self.kind == "yes-no":
            return str({"yes": _("是"), "no": _("否")}.get(text, text))
        if not self.options:
            return text
        index = 1 if is_english() else 0
        return str(_("、")).join(
            self.options[each][index] if each in self.options else each for each in text.split(",")
        )


@dataclass(frozen=True, slots=True)
class Band:
    """What a range of values means, in plain words, with where that comes from."""

    level: Level
    zh: str
    en: str
    source: str
    mark: str
    recheck_days: int
    refer: bool
    programme: str

    @property
    def words(self) -> str:
        """In the reader's language."""
        return either(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Station:
    """One station: what is asked there."""

    code: str
    zh: str
    en: str
    items: tuple[str, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Package:
    """A check-up somebody may have: for whom, which stations, which laboratory panels, what it proves of a contract."""

    slug: str
    version: str
    definition: Definition
    age_from: int
    age_to: int
    conditions: frozenset[str]
    stations: tuple[Station, ...]
    panels: tuple[str, ...]
    proofs: frozenset[str]
    order: int

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    def is_for(self, age: int, conditions: Sequence[str]) -> bool:
        """Whether somebody of this age (at the end of the year) with these conditions may have it."""
        return self.age_from <= age <= self.age_to and (
            not self.conditions or not self.conditions.isdisjoint(conditions)
        )


def packages(on: date) -> dict[str, Package]:
    """Packages in force on a day, by slug, in the order they are offered."""
    found = [_package(each) for each in load("checkups") if each.is_valid_on(on)]
    return {each.slug: each for each in sorted(found, key=lambda each: (each.order, each.slug))}


def package(slug: str) -> Package | None:
    """A package as it reads today, in force or not."""
    return next((_package(each) for each in load("checkups") if each.slug == slug), None)


def packages_for(born_on: date, conditions: Sequence[str], on: date) -> list[Package]:
    """What somebody may have in the calendar year of a day."""
    age = on.year - born_on.year
    return [each for each in packages(on).values() if each.is_for(age, conditions)]


def stations(on: date) -> dict[str, Station]:
    """Every station of the packages in force, by code."""
    return {each.code: each for package in packages(on).values() for each in package.stations}


@lru_cache(maxsize=64)
def _package(definition: Definition) -> Package:
    """One package, checked. :raises DefinitionError: says what is wrong with it"""
    raw, slug = definition.content, definition.slug
    known, seen = items(), set()
    if not raw.get("stations"):
        raise DefinitionError(f"{slug}: a package needs stations")
    for station in raw["stations"]:
        for code in station["items"]:
            if code not in known:
                raise DefinitionError(f"{slug}: station {station['code']}: no item {code}")
            if code in seen:
                raise DefinitionError(f"{slug}: item {code} is asked twice")
            seen.add(code)
    who = raw.get("who", {})
    return Package(
        slug, definition.version, definition, who.get("age_from", 0), who.get("age_to", 150),
        frozenset(who.get("conditions", ())),
        tuple(Station(each["code"], each["zh"], each["en"], tuple(each["items"])) for each in raw["stations"]),
        tuple(raw.get("panels", ())), frozenset(raw.get("proofs", ())), raw.get("order", 100),
    )  # fmt: skip


def items() -> Mapping[str, Item]:
    """Everything that can be asked, by code."""
    return _items(tuple(load("programme-items")))


@lru_cache(maxsize=8)
def _items(files: tuple[Definition, ...]) -> dict[str, Item]:
    found = {}
    for each in (item for file in files for item in file.content["items"]):
        low, high = (Decimal(str(end)) for end in each["plausible"]) if "plausible" in each else (None, None)
        options = {option["code"]: (option["zh"], option["en"]) for option in each.get("options", ())}
        found[each["code"]] = Item(
            each["code"], each["zh"], each["en"], each["kind"], each.get("unit", ""),
            each.get("unit_en", each.get("unit", "")), each.get("decimals", 0), low, high,
            each.get("loinc", ""), options,
        )  # fmt: skip
    return found


# What a value means --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Scale:
    item: str
    sex: str
    analyte: str
    words: Mapping[str, str]  # what the laboratory says, and which option that is
    bands: tuple[tuple[Decimal | None, str, Band], ...]  # below this, or is this


def scales() -> tuple[_Scale, ...]:
    """How every item is judged."""
    return _scales(tuple(load("checkup-items")))


@lru_cache(maxsize=8)
def _scales(files: tuple[Definition, ...]) -> tuple[_Scale, ...]:
    found = []
    for file in files:
        for raw in file.content["items"]:
            bands = tuple(_band(file, raw["code"], each) for each in raw["bands"])
            limits = [limit for limit, choice, _band_ in bands if not choice]
            if limits and (limits[-1] is not None or None in limits[:-1] or limits[:-1] != sorted(limits[:-1])):  # type: ignore[type-var]
                raise DefinitionError(f"{file.slug}: {raw['code']}: bands rise, and the last has no end")
            words = _words(file, raw)
            found.append(_Scale(raw["code"], raw.get("sex", ""), raw.get("analyte", ""), words, bands))
    return tuple(found)


def _words(file: Definition, raw: Mapping[str, Any]) -> Mapping[str, str]:
    words: Mapping[str, str] = raw.get("analyte_words", {})
    if not set(words.values()) <= items()[raw["code"]].options.keys():
        raise DefinitionError(f"{file.slug}: {raw['code']}: analyte_words name options of the item")
    return words


def _band(file: Definition, item: str, raw: Mapping[str, Any]) -> tuple[Decimal | None, str, Band]:
    if missing := {"level", "zh", "en"} - raw.keys():
        raise DefinitionError(f"{file.slug}: {item}: a band needs {', '.join(sorted(missing))}")
    if raw["level"] not in LEVELS:
        raise DefinitionError(f"{file.slug}: {item}: level is one of {', '.join(LEVELS)}")
    band = Band(
        Level(raw["level"]), raw["zh"], raw["en"], file.source, file.mark, raw.get("recheck_days", 0),
        bool(raw.get("refer")), raw.get("programme", ""),
    )  # fmt: skip
    return (Decimal(str(raw["below"])) if "below" in raw else None, str(raw.get("is", "")), band)


def judge(item: str, text: str, sex: str) -> Band | None:
    """What a kept value means for somebody of a sex; None when nobody has said."""
    scale = next((each for each in scales() if each.item == item and each.sex in ("", sex)), None)
    if scale is None:
        return None
    for below, choice, band in scale.bands:
        if choice:
            if choice in text.split(","):
                return band
        elif below is None or Decimal(text) < below:
            return band
    return None


@dataclass(frozen=True, slots=True)
class Detail:
    """An item that says more of another (`of`): only where that is one of `when`, if given; and then, if `required`, always."""

    item: str
    of: str
    when: frozenset[str]
    required: bool


def details() -> Mapping[str, Detail]:
    """Items that say more of others, by code."""
    return _details(tuple(load("checkup-items")))


@lru_cache(maxsize=8)
def _details(files: tuple[Definition, ...]) -> dict[str, Detail]:
    found, known = {}, items()
    for slug, raw in ((each.slug, raw) for each in files for raw in each.content.get("details", ())):
        item, of, when = raw["item"], raw["of"], frozenset(raw.get("when", ()))
        if not {item, of} <= known.keys() or not when <= known[of].options.keys():
            raise DefinitionError(f"{slug}: detail {item}: no such item, or none of its values")
        found[item] = Detail(item, of, when, bool(raw.get("required")))
    return found


def read_with(item: str) -> str:
    """The item beside which one is read; itself where it stands alone."""
    found = details().get(item)
    return PRESSURE[0] if item in PRESSURE else found.of if found else item


def disagreements(values: Mapping[str, str], codes: Iterable[str]) -> tuple[dict[str, object], dict[str, object]]:
    """By item, with the reason: what contradicts another value, and what is lacking beside one: the other pressure, the finding
    of an abnormal result. Looks at what concerns `codes`.
    """
    asked = set(codes)
    wrong: dict[str, object] = {}
    lacking: dict[str, object] = {}
    high, low = (values.get(each) for each in PRESSURE)
    if not asked.isdisjoint(PRESSURE) and (high or low):
        if not (high and low):
            lacking[PRESSURE[0] if low else PRESSURE[1]] = _("收缩压、舒张压要一起填。")
        elif Decimal(high) <= Decimal(low):
            wrong[PRESSURE[0]] = _("收缩压应高于舒张压。")
    for detail in details().values():
        if not detail.when or asked.isdisjoint({detail.item, detail.of}):
            continue
        said = values.get(detail.of)
        if detail.item in values and said not in detail.when:
            reason = _("与“%(of)s”的结果不一致。") % {"of": items()[detail.of].title}
            (lacking if said is None else wrong)[detail.item] = reason
        elif detail.required and said in detail.when and detail.item not in values and detail.item in asked:
            lacking[detail.item] = _("结果异常的，请至少选一项。")
    return wrong, lacking


def asked_always(codes: Sequence[str]) -> set[str]:
    """Of the items of a station those without which it is not done: no note, nothing that only goes with another's value."""
    return set(codes) - details().keys()


def analyte_of(item: str) -> str:
    """The laboratory's item that measures it; empty when none does."""
    return next((each.analyte for each in scales() if each.item == item and each.analyte), "")


def with_derived(values: Mapping[str, str]) -> dict[str, str]:
    """Values with those that follow from others: the body mass index."""
    found = dict(values)
    if {"height", "weight"} <= found.keys() and Decimal(found["height"]) > 0:
        metres = Decimal(found["height"]) / 100
        found["bmi"] = f"{Decimal(found['weight']) / (metres * metres):.1f}"
    return found


def findings(values: Mapping[str, str], sex: str) -> list[tuple[str, str, Band]]:
    """Every value that means something: item, value, meaning; the worst first, then as they were asked."""
    judged = [(item, text, judge(item, text, sex)) for item, text in with_derived(values).items()]
    known = [(item, text, band) for item, text, band in judged if band is not None]
    return sorted(known, key=lambda each: -LEVELS.index(each[2].level))


def plan(found: Sequence[tuple[str, str, Band]], on: date, *, managed: frozenset[str] = frozenset()) -> list[PlanStep]:
    """What comes next, proposed to the doctor: refer, recheck, look at for a programme he is not `managed` in, each day once for
    all it is about; and next year's check-up.
    """
    about: dict[tuple[str, date, str], list[str]] = {}
    for item, _text, band in found:
        if band.refer:
            about.setdefault((Step.REFER, on + timedelta(days=band.recheck_days or 7), ""), []).append(item)
        elif band.recheck_days:
            about.setdefault((Step.RECHECK, on + timedelta(days=band.recheck_days), ""), []).append(item)
        if band.programme and band.programme not in managed:
            about.setdefault((Step.ENROL, on + timedelta(days=14), band.programme), []).append(item)
    texts = {item: text for item, text, _band in found}
    steps = [
        PlanStep(step, day, values_said(texts, several), programme, tuple(several))
        for (step, day, programme), several in about.items()
    ]
    return [*steps, PlanStep(Step.NEXT_YEAR, on + timedelta(days=365), "")]


def values_said(texts: Mapping[str, str], codes: Sequence[str]) -> str:
    """Items with their values in the reader's language."""
    known = items()
    said = (f"{known[code].title} {known[code].words(texts[code])} {known[code].unit}".strip() for code in codes)
    return str(_("、")).join(said)


def step_words(step: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> str:
    """What a kept step says, in the reader's language where it rests on findings of its report."""
    texts, codes = {each["item"]: each["text"] for each in findings}, step.get("items") or ()
    return values_said(texts, codes) if codes and set(codes) <= texts.keys() & items().keys() else str(step["words"])


def from_laboratory(item: str, result: ResultSummary) -> Found:
    """A result of the laboratory as a value of the item. :raises ValueError: it cannot be said as one"""
    words = next((each.words for each in scales() if each.item == item and each.words), {})
    if result.value.strip() in words:
        return items()[item].understood(words[result.value.strip()])
    if result.number is None:
        raise ValueError(_("检验结果不能换算成这一项。"))
    return items()[item].understood(result.number)
