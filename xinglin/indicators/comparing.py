"""Units of a figure held against each other: the whole, the middle of the peers, and what chance explains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from xinglin.indicators.chance import Limits, Nature, Standing, interval, is_fit, limits, nature_of, standing, steps
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.values import Value

#: Fewer units than this are not compared.
LEAST_UNITS = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """Units against the whole. `centre` is the whole's figure for each of the denominator; `nature` is empty where chance
    has no limits, and then nobody is judged.
    """

    nature: Nature
    centre: float
    mean: float | None
    middle: float | None
    standings: Mapping[str, Standing]
    intervals: Mapping[str, tuple[float, float]]
    lines: Sequence[Limits]

    @property
    def n_within(self) -> int:
        """Units within what chance explains."""
        return sum(each is Standing.WITHIN for each in self.standings.values())


def compare(indicator: Indicator, whole: Value, units: Mapping[str, Value]) -> Comparison:
    """Hold units against the whole they are part of."""
    nature = nature_of(indicator)
    known = {key: value for key, value in units.items() if value.value is not None}
    if not is_fit(nature, [whole, *known.values()]) or not whole.denominator:
        nature = Nature.OTHER
    values = [value.value for value in known.values() if value.value is not None]
    middle = float(median(values)) if len(values) >= LEAST_UNITS else None
    if nature is Nature.OTHER:
        return Comparison(nature, 0.0, whole.value, middle, {}, {}, ())
    centre = (whole.numerator or 0) / (whole.denominator or 1)
    largest = max((value.denominator or 0 for value in known.values()), default=0)
    intervals = {key: found for key, value in known.items() if (found := interval(nature, value)) is not None}
    return Comparison(
        nature, centre, whole.value, middle, {key: standing(nature, centre, value) for key, value in known.items()},
        intervals, tuple(limits(nature, centre, n) for n in steps(largest)) if largest else (),
    )  # fmt: skip


def is_good(indicator: Indicator, found: Standing) -> bool | None:
    """Whether standing apart is good; None where it is within chance, or where neither side is better."""
    direction = indicator.content.get("direction", "none")
    if found in {Standing.WITHIN, Standing.UNKNOWN} or direction not in {"up", "down"}:
        return None
    return bool((found in {Standing.HIGH, Standing.VERY_HIGH}) == (direction == "up"))
