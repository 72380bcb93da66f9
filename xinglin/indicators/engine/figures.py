"""Figures: what an indicator came to at a unit, and why where it came to nothing. Zero, missing and not applicable differ."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import Rows, Span, measures, questions
from xinglin.indicators.definitions.reading import LEVELS, Indicator
from xinglin.indicators.engine.computing import Computation, Parts, Places, formula
from xinglin.indicators.engine.mortality import in_bands, premature
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.source import Source
from xinglin.indicators.engine.values import Value, Why

Figures = dict[str, dict[str, dict[str, Value]]]  # slug → level → unit → value


def compute(
    indicators: Iterable[Indicator], source: Source, period: Period, *, ref: date, places: Mapping[str, Places]
) -> Figures:
    """Every indicator at every unit of each level in `places`. Growth needs its other period: it is put in by `grown`."""
    figures: Figures = {}
    alike: dict[Period, list[Indicator]] = defaultdict(list)
    for each in indicators:
        if not each.growth_of:
            alike[period.windowed(each.window)].append(each)
    for reach, wanted in alike.items():
        figures |= _computed(wanted, source, reach, ref=ref, places=places)
    return figures


def _computed(
    wanted: list[Indicator], source: Source, period: Period, *, ref: date, places: Mapping[str, Places]
) -> Figures:
    banded = {each.slug: in_bands(each) for each in wanted if each.method}
    asked = [one for each in wanted for one in banded.get(each.slug, [each])]
    found = Computation(source, period, ref).parts(asked, places)
    unmet = _unmet(wanted, source, period, ref=ref)
    figures: Figures = {}
    for each in wanted:
        missing = _missing(each, source, period) or unmet.get(each.slug)
        figures[each.slug] = {
            level: {
                unit: premature(banded[each.slug], found[level], unit)
                if each.method and not missing
                else _value(each, found[level], unit, level, missing)
                for unit in at.all_units
            }
            for level, at in places.items()
        }
    return figures


def spans_of(indicator: Indicator) -> list[tuple[str, Span]]:
    """Every table an indicator reads with the spans it reads of it, those of its questions about persons among them."""
    found: dict[tuple[str, Span], None] = {}
    for tree in (indicator.numerator, indicator.denominator):
        for one in measures(tree) if tree is not None else ():
            found[one.rows.table, span_of(one.rows)] = None
        for asked in questions([tree] if tree is not None else []).values():
            found[asked.rows.table, span_of(asked.rows)] = None
    # whether there is anything at all is asked of the usual span
    for one in measures(indicator.needs) if indicator.needs is not None else ():
        found[one.rows.table, span_of(one.rows)] = None
    return [*found, *((table, span_of(Rows(table, "", None))) for table in sorted(indicator.tables))]


def _missing(indicator: Indicator, source: Source, period: Period) -> Value | None:
    """Says the first table an indicator needs that holds nothing in the period, or lacks months; None: all are there."""
    spans: dict[str, Span] = {}
    for tree in (indicator.numerator, indicator.denominator):
        for one in measures(tree) if tree is not None else ():
            spans[one.rows.table] = span_of(one.rows)
    for table in sorted(indicator.tables - set(indicator.content.get("may_be_empty", ()))):
        if not source.has(table, spans.get(table) or span_of(Rows(table, "", None)), period):
            return Value(why=Why.NO_FACTS, missing=table)
        if months := source.lacking(table, period):
            return Value(why=Why.NO_FACTS, missing=table, lacking=months)
    return None


def _unmet(wanted: Iterable[Indicator], source: Source, period: Period, *, ref: date) -> dict[str, Value]:
    """Indicators by slug that need rows of which the whole county has none, or of which a month has none that has others: a
    quarter with the settlements of elsewhere of one month is not the quarter.
    """
    computation = Computation(source, period, ref)
    told: dict[str, dict[str, int]] = {}
    found: dict[str, Value] = {}
    for each in wanted:
        for one in measures(each.needs) if each.needs is not None else ():
            if one.text not in told:
                told[one.text] = computation.by_month(one)
            months = told[one.text]
            without = tuple(month for month, n in sorted(months.items()) if not n)
            if without or not months:
                lacking = () if len(without) == len(months) else without
                found[each.slug] = Value(why=Why.NO_FACTS, missing=one.rows.table, lacking=lacking)
    return found


def _value(indicator: Indicator, parts: Parts, unit: str, level: str, missing: Value | None) -> Value:
    if level in LEVELS and level not in indicator.levels:
        return Value(why=Why.NOT_APPLICABLE)
    if missing:
        return missing
    assert indicator.numerator is not None
    numerator = formula(indicator.numerator, parts, unit)
    if indicator.denominator is None:
        here = any(parts.seen.get((one.rows.table, unit)) for one in measures(indicator.numerator))
        if numerator is None:
            return Value(why=Why.NOT_KNOWN)
        if not numerator and not here:
            return Value(why=Why.NONE_HERE)
        groups = _groups(indicator, parts, unit)
        return Value(indicator.per * numerator, numerator, None, groups, Why.KNOWN)
    denominator = formula(indicator.denominator, parts, unit)
    if numerator is None or denominator is None:
        return Value(None, numerator, denominator, {}, Why.NOT_KNOWN)
    if not denominator:
        return Value(None, numerator, denominator, {}, Why.ZERO_DENOMINATOR)
    return Value(indicator.per * numerator / denominator, numerator, denominator, {}, Why.KNOWN)


def _groups(indicator: Indicator, parts: Parts, unit: str) -> dict[str, int]:
    if not indicator.group_by or indicator.numerator is None:
        return {}
    one = next(measures(indicator.numerator))
    return dict(sorted(parts.groups.get((one.text, indicator.group_by, unit), {}).items()))


def grown(now: Value, before: Value) -> Value:
    """Growth against a former figure, in percent: numerator the difference, denominator the former value."""
    if now.value is None or before.value is None:
        return Value(why=Why.NOT_KNOWN)
    if not before.value:
        return Value(None, now.value, 0, {}, Why.ZERO_DENOMINATOR)
    return Value(100 * (now.value - before.value) / before.value, now.value - before.value, before.value, {}, Why.KNOWN)
