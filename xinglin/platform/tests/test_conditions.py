"""Conditions: yes, no, not known."""

from decimal import Decimal
from itertools import product

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from xinglin.platform.conditions import Choice, ConditionError, Names, NoneOf, SomeOf, number, parse, says

HIGH = {"field": "a", "at_least": 140}
ALSO = {"field": "b", "at_least": 90}


@pytest.mark.parametrize(
    ("raw", "facts", "truth"),
    [
        (HIGH, {"a": 140}, True),
        (HIGH, {"a": 139}, False),
        (HIGH, {}, None),
        (HIGH, {"a": None}, None),
        (HIGH, {"a": "140"}, None),
        (HIGH, {"a": float("nan")}, None),
        (HIGH, {"a": True}, None),
        ({"field": "a", "above": 3.9}, {"a": Decimal("3.9")}, False),
        ({"field": "a", "at_most": 3.9}, {"a": Decimal("3.9")}, True),
        ({"field": "a", "at_least": 10, "below": 20}, {"a": 20}, False),
        ({"field": "a", "at_least": 10, "below": 20}, {"a": 10}, True),
        ({"any": [HIGH, ALSO]}, {"a": 150}, True),
        ({"any": [HIGH, ALSO]}, {"a": 120}, None),
        ({"any": [HIGH, ALSO]}, {"a": 120, "b": 80}, False),
        ({"all": [HIGH, ALSO]}, {"a": 120}, False),
        ({"all": [HIGH, ALSO]}, {"a": 150}, None),
        ([HIGH, ALSO], {"a": 150, "b": 90}, True),
        ({"none": [HIGH, ALSO]}, {"a": 120}, None),
        ({"none": [HIGH, ALSO]}, {"a": 150}, False),
        ({"n": 2, "of": [HIGH, ALSO, {"field": "c", "is": True}]}, {"a": 150, "c": True}, True),
        ({"n": 2, "of": [HIGH, ALSO, {"field": "c", "is": True}]}, {"a": 150}, None),
        ({"n": 2, "of": [HIGH, ALSO, {"field": "c", "is": True}]}, {"a": 100, "c": False}, False),
        ({"field": "c", "is": "x"}, {"c": "x"}, True),
        ({"field": "c", "one_of": ["x", "y"]}, {"c": ["x"]}, False),
        ({"field": "c", "has_any": ["x"]}, {"c": ("y", "x")}, True),
        ({"field": "c", "has_other_than": ["none"]}, {"c": ("none",)}, False),
        ({"field": "c", "has_other_than": ["none"]}, {"c": ("none", "x")}, True),
        ({"field": "c", "begins_with": ["I1"]}, {"c": frozenset({"I10.x00"})}, True),
        ({"field": "c", "begins_with": ["I1"]}, {"c": frozenset()}, False),
        ({"field": "c", "known": True}, {}, False),
        ({"field": "c", "known": False}, {}, True),
        ({"words": ["red"]}, {"text": "bright red"}, True),
        ({"words": ["red"]}, {}, None),
        ({"always": True}, {}, True),
        ([], {}, True),
    ],
)
def test_what_is_not_known_is_neither_yes_nor_no(raw, facts, truth):
    assert parse(raw).truth(facts) is truth


def test_so_often_within_so_many_days():
    condition = parse({"field": "a", "at_most": 3.9, "times": 3, "within_days": 30})

    assert condition.truth({"a": 3.6}, [(10, {"a": 3.8}), (30, {"a": 3.9})]) is True
    assert condition.truth({"a": 3.6}, [(10, {"a": 3.8}), (31, {"a": 3.9})]) is False
    assert condition.truth({"a": 3.6}, [(10, {"a": 3.8}), (20, {})]) is False
    assert condition.truth({}, [(10, {"a": 3.8}), (20, {"a": 3.9})]) is None


def test_any_kind_of_condition_is_counted():
    names = Names({"low": parse({"any": [{"field": "a", "at_most": 3.9}, {"field": "b", "at_most": 3.9}]})}, {})
    condition = parse({"condition": "low", "times": 2, "within_days": 14}, names)

    assert condition.truth({"a": 6.2, "b": 3.1}, [(14, {"a": 3.8})]) is True
    assert condition.truth({"a": 3.6, "b": 3.1}, [(15, {"a": 3.8})]) is False
    assert condition.truth({"a": 6.2}, [(9, {"b": 3.4})]) is None
    assert condition.truth({"a": 6.2, "b": 6.0}, [(9, {"b": 3.4})]) is False
    assert condition.fields() == {"a", "b"}


def test_names_stand_for_conditions_and_for_limits():
    names = Names({"high": parse(HIGH)}, {"line": 65})

    assert parse({"none": [{"condition": "high"}]}, names).truth({"a": 120}) is True
    assert parse({"field": "age", "at_least": "$line"}, names).truth({"age": 65}) is True


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("yes", ()),
        ({}, ()),
        ({"any": []}, ("any",)),
        ({"any": [HIGH], "all": [HIGH]}, ()),
        ({"any": [HIGH, {"field": "a"}]}, ("any", 2)),
        ({"field": "a", "at_least": "x"}, ("at_least",)),
        ({"field": "a", "at_least": True}, ("at_least",)),
        ({"field": "a", "at_leats": 3}, ()),
        ({"field": "a", "at_least": 3, "is": 4}, ()),
        ({"field": 7, "is": 4}, ()),
        ({"n": 3, "of": [HIGH]}, ()),
        ({"field": "a", "at_least": 3, "times": 2}, ()),
        ({"condition": "nobody"}, ()),
        ({"field": "a", "at_least": "$nobody"}, ()),
    ],
)
def test_a_slip_is_refused_with_its_place(raw, place):
    with override("en"), pytest.raises(ConditionError) as caught:
        parse(raw)

    assert caught.value.place == place
    assert caught.value.message


def test_what_decided_is_said():
    condition = parse({"any": [HIGH, ALSO]})

    assert [atom.field for atom in condition.deciding({"a": 150, "b": 80})] == ["a"]
    assert [atom.field for atom in condition.deciding({"a": 120, "b": 80})] == ["a", "b"]
    assert [atom.field for atom in condition.deciding({"a": 120})] == ["b"]


@pytest.mark.parametrize("value", [None, "3", True, float("inf"), float("nan"), 10**400, object()])
def test_only_a_finite_number_is_a_number(value):
    assert number(value) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [("红2处", True), ("无红", False), ("青，无黄、红", False), ("无青，红明显", True), ("否认红；今晨红", True)],
)
def test_a_negated_word_does_not_count(text, said):
    assert says(text, "红") is said


FIELDS = ("a", "b", "c")
trees = st.recursive(
    st.sampled_from(FIELDS).map(lambda field: Choice(field, "one_of", [True])),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).flatmap(
            lambda parts: st.integers(1, len(parts)).map(lambda n: SomeOf(n, parts))
        )
        | st.lists(inner, min_size=1, max_size=3).map(NoneOf)
    ),
    max_leaves=8,
)


@given(trees, st.fixed_dictionaries(dict.fromkeys(FIELDS, st.sampled_from([True, False, None]))))
def test_an_answer_holds_whatever_is_measured_later(tree, facts):
    answer = tree.truth(facts)
    unknown = [field for field in FIELDS if facts[field] is None]
    later = {
        tree.truth({**facts, **dict(zip(unknown, values, strict=True))})
        for values in product((True, False), repeat=len(unknown))
    }

    assert None not in later
    if answer is not None:
        assert later == {answer}
