"""Periods: a month, a quarter, a year, a year to date; and what each is compared with."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_FORMS = re.compile(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2])(-YTD)?|-Q([1-4]))?\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months in the county, the first and the last of them included; `text` is how people write it."""

    text: str
    first_month: str
    last_month: str

    @property
    def first(self) -> date:
        """The first day."""
        return date.fromisoformat(f"{self.first_month}-01")

    @property
    def last(self) -> date:
        """The last day."""
        return _first_after(self.last_month) - timedelta(days=1)

    @property
    def months(self) -> list[str]:
        """Its months, in order."""
        found = [self.first_month]
        while found[-1] < self.last_month:
            found.append(_shifted(found[-1], 1))
        return found

    @property
    def before(self) -> "Period":
        """The period before: of a year to date the year before up to the same month."""
        if self.is_to_date or self.is_year:
            return self.year_before
        months = self._n_months
        return period_of(_shifted(self.last_month, -months), months)

    @property
    def year_before(self) -> "Period":
        """The same period of the year before."""
        return parse(f"{int(self.text[:4]) - 1}{self.text[4:]}")

    @property
    def is_year(self) -> bool:
        """A whole year."""
        return len(self.text) == len("2026")

    @property
    def is_to_date(self) -> bool:
        """From January to a month."""
        return self.text.endswith("-YTD")

    @property
    def _n_months(self) -> int:
        return 3 if "-Q" in self.text else 12 if self.is_year else 1

    def windowed(self, n_months: int) -> "Period":
        """The same, reaching back so many months from its end; 0: as it is."""
        first = _shifted(self.last_month, 1 - n_months) if n_months else self.first_month
        return Period(self.text, first, self.last_month)

    def is_over(self, on: date) -> bool:
        """Whether it has ended on a day."""
        return self.last < on

    def months_back(self, n: int) -> list["Period"]:
        """This period and the n - 1 before it, the oldest first."""
        found = [self]
        while len(found) < n:
            found.append(found[-1].before)
        return found[::-1]


def parse(text: str) -> Period:
    """``2026-11``, ``2026-Q4``, ``2026``, ``2026-11-YTD``. :raises ValueError: it is none of these"""
    matched = _FORMS.match(text)
    if matched is None:
        raise ValueError(f"no period: {text[:20]!r}")
    year, month, to_date, quarter = matched.groups()
    if quarter:
        return Period(text, f"{year}-{3 * int(quarter) - 2:02}", f"{year}-{3 * int(quarter):02}")
    if month:
        return Period(text, f"{year}-01" if to_date else f"{year}-{month}", f"{year}-{month}")
    return Period(text, f"{year}-01", f"{year}-12")


def period_of(last_month: str, n_months: int) -> Period:
    """The month, quarter or year that ends with a month."""
    year, month = last_month.split("-")
    return parse({1: last_month, 3: f"{year}-Q{int(month) // 3}", 12: year}[n_months])


def _shifted(month: str, by: int) -> str:
    year, number = map(int, month.split("-"))
    total = year * 12 + number - 1 + by
    return f"{total // 12}-{total % 12 + 1:02}"


def _first_after(month: str) -> date:
    return date.fromisoformat(f"{_shifted(month, 1)}-01")
