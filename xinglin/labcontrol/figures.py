"""Figures of control: mean, SD, CV, bias, sigma, outliers. Pure. SDs are those of a sample (n - 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

#: From so many own results on a mean and SD may be computed.
LEAST_OWN = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a series of values; `sd` and `cv` (percent) are None below two values, `cv` also where the mean is not above 0."""

    n: int
    mean: Decimal | None
    sd: Decimal | None
    cv: Decimal | None


def summary(values: Sequence[Decimal]) -> Summary:
    """Mean, SD and CV of values."""
    n = len(values)
    if n == 0:
        return Summary(0, None, None, None)
    mean = sum(values, Decimal(0)) / n
    if n == 1:
        return Summary(1, mean, None, None)
    sd = (sum(((value - mean) ** 2 for value in values), Decimal(0)) / (n - 1)).sqrt()
    return Summary(n, mean, sd, 100 * sd / mean if mean > 0 else None)


def outliers(values: Sequence[Decimal]) -> list[int]:
    """Places of values beyond 3 SD of the mean of all: what a person looks at before he leaves it out."""
    found = summary(values)
    if not found.sd or found.mean is None:
        return []
    return [place for place, value in enumerate(values) if abs(value - found.mean) > 3 * found.sd]


def bias(mean: Decimal | None, target: Decimal | None) -> Decimal | None:
    """How far a mean is from its target, in percent of the target; None where that has no meaning."""
    return None if mean is None or target is None or target <= 0 else 100 * (mean - target) / target


def sigma(tea: Decimal | None, off: Decimal | None, cv: Decimal | None) -> Decimal | None:
    """Sigma metric: (TEa - |bias|) / CV, all in percent; None unless all three are known and CV is above 0."""
    return None if tea is None or off is None or not cv else (tea - abs(off)) / cv
