"""The search for values finds them whenever there are any: compared with looking at every value there is."""

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.platform.conditions import Bounds, Choice, NoneOf, SomeOf
from xinglin.programmes.rules import searching
from xinglin.programmes.rules.items import Item, Option
from xinglin.programmes.rules.words import Text

TEXT = Text("甲", "A")
ITEMS = {
    "number": Item("number", TEXT, "number", low=Decimal(0), high=Decimal(9)),
    "answer": Item("answer", TEXT, "yes-no"),
    "choice": Item("choice", TEXT, "choice", options=tuple(Option(code, TEXT) for code in "abc")),
    "choices": Item("choices", TEXT, "choices", options=tuple(Option(code, TEXT) for code in ("none", "x", "y", "z"))),
}
SETS = [
    ("none",),
    *[
        tuple(code for code, is_in in zip("xyz", each, strict=True) if is_in)
        for each in product((True, False), repeat=3)
    ][:-1],
]
EVERYTHING = [
    {"number": number, "answer": answer, "choice": choice, "choices": choices}
    for number, answer, choice, choices in product(range(10), (True, False), "abc", SETS)
]

atoms = st.one_of(
    st.builds(
        lambda name, limit: Bounds("number", {name: float(limit)}),
        st.sampled_from(["at_least", "above", "at_most", "below"]), st.integers(0, 9),
    ),
    st.booleans().map(lambda answer: Choice("answer", "one_of", [answer])),
    st.sets(st.sampled_from("abc"), min_size=1).map(lambda codes: Choice("choice", "one_of", codes)),
    st.sets(st.sampled_from("xyz"), min_size=1).map(lambda codes: Choice("choices", "has_any", codes)),
    st.just(Choice("choices", "has_other_than", ["none"])),
)  # fmt: skip
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).flatmap(lambda parts: st.integers(1, len(parts)).map(lambda n: SomeOf(n, parts)))
        | st.lists(inner, min_size=1, max_size=3).map(NoneOf)
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(conditions, st.booleans()), min_size=1, max_size=3))
def test_values_are_found_exactly_when_there_are_some(wanted):
    found = searching.find(wanted, ITEMS)
    exists = any(all(condition.truth(facts) is answer for condition, answer in wanted) for facts in EVERYTHING)

    assert (found is not None) == exists
    if found is not None:
        assert all(condition.truth(found) is answer for condition, answer in wanted)
