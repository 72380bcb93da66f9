"""Persons counted: each once at a unit, all measures in one pass, with what holds of any row of his.

What a condition asks about the person alone is put to the persons found, not to their rows: there are fewer of them. In the
county as a whole, a person of whom a row holds is one of whom ``exists`` is true: where other questions ask about the same
table, his are answered in the same pass.
"""

import ast
from dataclasses import dataclass
from typing import Any

import ibis

from xinglin.indicators.definitions.language import Measure, conjuncts, is_of_person_only, questions
from xinglin.indicators.engine.compiling import Compiler


@dataclass(frozen=True)
class Asked:
    """What one measure asks: of a row, and of the person."""

    table: str
    span: str
    of_row: list[ast.expr]
    of_person: list[ast.expr]

    @classmethod
    def by(cls, one: Measure) -> "Asked":
        """From the condition of a measure."""
        parts = conjuncts(one.rows.where)
        of_person = [each for each in parts if is_of_person_only(each)]
        return cls(one.rows.table, one.rows.span, [each for each in parts if each not in of_person], of_person)

    @property
    def as_question(self) -> ast.Call:
        """Whether there is such a row, as a question about the person."""
        table: ast.expr = ast.Name(self.table)
        where = [ast.BoolOp(ast.And(), self.of_row) if len(self.of_row) > 1 else self.of_row[0]] if self.of_row else []
        return ast.Call(ast.Name("exists"), [ast.Attribute(table, self.span) if self.span else table, *where], [])


def asked_of_everybody(group: list[Measure]) -> list[ast.expr]:
    """Measures of persons as questions, as far as they are: those that mix row and person are none."""
    found = [Asked.by(each) for each in group if each.kind == "persons"]
    return [each.as_question for each in found if not questions(each.of_row)]


def of_everybody(compiler: Compiler, group: list[Measure]) -> Any | None:
    """Persons of the county, `m0`, `m1`…, where they were answered together as questions; None where they were not."""
    asked = [Asked.by(each) for each in group]
    texts = [ast.unparse(each.as_question) for each in asked]
    answered = compiler.answers_in_one(texts)
    if answered is None or any(each not in answered[1] for each in texts):
        return None
    people, columns = answered
    people = people.mutate(person=people.person_).drop("person_")
    own = dict(columns)
    for text in questions(each for one in asked for each in one.of_person):
        if (found := compiler.answers_in_one([*texts, text])) is not None:
            own |= found[1]
    people, answers = compiler.prepared(people, [part for one in asked for part in one.of_person], own)
    sums = {}
    for n, (one, text) in enumerate(zip(asked, texts, strict=True)):
        beyond = compiler.all_of(one.of_person, people, answers)
        holds = people[columns[text]]
        sums[f"m{n}"] = people.count(where=holds if beyond is None else holds & beyond)
    return people.aggregate(**sums)


def counted(compiler: Compiler, table: Any, by: list[str], group: list[Measure]) -> Any:
    """How many persons each measure counts, as `m0`, `m1`…, by the columns of `by`."""
    wanted = [Asked.by(each) for each in group]
    mixed = [each for one in wanted for each in one.of_row if questions([each])]
    table, answers = compiler.prepared(table, mixed)
    table, rest = compiler.narrowest(table, {f"m{n}": one.of_row for n, one in enumerate(wanted)}, answers)
    held = {name: compiler.all_of(parts, table, answers) for name, parts in rest.items() if parts}
    rows = table.select(*by, "person", **held)
    people = rows.group_by([*by, "person"]).aggregate(**{name: ibis._[name].any() for name in held})
    people, answers = compiler.prepared(people, [each for one in wanted for each in one.of_person])
    sums = {}
    for n, one in enumerate(wanted):
        beyond = compiler.all_of(one.of_person, people, answers)
        holds = people[f"m{n}"] if f"m{n}" in held else None
        sums[f"m{n}"] = people.count(where=beyond if holds is None else holds if beyond is None else holds & beyond)
    return (people.group_by(by) if by else people).aggregate(**sums)
