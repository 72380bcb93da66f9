"""Facts: what indicators are computed from, extracted from the database or taken from returns."""

from xinglin.indicators.facts import imported as imported  # declares its tables
