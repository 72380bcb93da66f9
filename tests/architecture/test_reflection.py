"""Models, tables of states, addresses and words, looked at as they run."""

import ast
import re
import tomllib
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from babel.messages.pofile import read_po
from django.apps import apps
from django.db import models
from django.db.models import CheckConstraint
from django.urls import NoReverseMatch, get_resolver, reverse

from tests.architecture.source import CAPABILITIES, PACKAGE, ROOT, files, name, tree
from xinglin.platform.transitions import StatusChange

CLASSES = {"public", "internal", "personal", "health"}


@lru_cache
def own_models() -> tuple[type[models.Model], ...]:
    return tuple(model for model in apps.get_models() if model.__module__.startswith("xinglin."))


# Privacy -------------------------------------------------------------------------------------------------------------
def test_every_field_has_a_privacy_class() -> None:
    table = tomllib.loads((ROOT / "tests/architecture/privacy.toml").read_text())
    written = {
        f"{model}.{field}": kind for model, rows in table.items() for kind, fields in rows.items() for field in fields
    }
    existing = {f"{model._meta.label}.{field.name}" for model in own_models() for field in model._meta.local_fields}

    assert {kind for rows in table.values() for kind in rows} <= CLASSES
    assert sum(len(fields) for rows in table.values() for fields in rows.values()) == len(written), (
        "a field stands twice"
    )
    assert existing - set(written) == set(), "a field without a class"
    assert set(written) - existing == set(), "a row without a field"
    print(f"privacy: {len(written)} fields have a class")


def test_what_says_who_or_how_somebody_is_has_that_class() -> None:
    """Names of fields that cannot be harmless, whatever the table says."""
    table = tomllib.loads((ROOT / "tests/architecture/privacy.toml").read_text())
    telling = re.compile(
        r"^(id_number|phone|born_on|identity_index|phone_index|signer_name|complaint|findings|conclusion|impression)$"
    )
    wrong = [
        f"{model}.{field}" for model, rows in table.items() for kind, fields in rows.items() for field in fields
        if telling.match(field) and kind not in {"personal", "health"} and not model.startswith("network.")
    ]  # fmt: skip
    assert wrong == []


# Pairs ---------------------------------------------------------------------------------------------------------------
def _pairs() -> dict[str, bool]:
    """``Model.x_at`` that has an ``x_by`` → whether a constraint ties the two."""
    found = {}
    for model in own_models():
        fields = {field.name: field for field in model._meta.local_fields}
        checks = [str(each.condition) for each in model._meta.constraints if isinstance(each, CheckConstraint)]
        for field in fields:
            partner = field.removesuffix("_at") + "_by"
            if field.endswith("_at") and partner in fields and fields[field].null:
                found[f"{model._meta.label}.{field}"] = any(f"{field}__" in each and partner in each for each in checks)
    return found


def test_a_moment_and_its_person_come_together() -> None:
    reviewed = tomllib.loads((ROOT / "tests/architecture/exceptions.toml").read_text())["pairs"]
    loose = {key for key, tied in _pairs().items() if not tied}
    assert loose - set(reviewed) == set()
    assert set(reviewed) - loose == set(), "an exception that is no longer needed"


# States --------------------------------------------------------------------------------------------------------------
def _tables() -> list[tuple[str, dict, type]]:
    found = []
    for capability in CAPABILITIES:
        module = f"xinglin.{capability}.states"
        if not find_spec(module):
            continue
        states = import_module(module)
        for key, value in vars(states).items():
            if key.endswith("TRANSITIONS") and isinstance(value, dict):
                found.append((f"{module}.{key}", value, type(next(iter(value)))))
    return found


def test_every_table_of_transitions_is_complete_and_every_status_has_a_label() -> None:
    tables = _tables()
    assert len(tables) >= 6
    for where, table, status in tables:
        assert set(table) == set(status), where
        for targets in table.values():
            assert targets <= set(status), where
        reached = {target for targets in table.values() for target in targets}
        assert len(set(status) - reached) <= 2, f"{where}: states nothing leads to: {set(status) - reached}"
        for each in status:
            assert re.search(r"[\u4e00-\u9fff]", str(each.label)), f"{where}: {each} has no label"
    print(f"{len(tables)} tables of transitions, {sum(len(table) for _, table, _ in tables)} states")


def test_every_status_leaves_change_records() -> None:
    changes = {
        model._meta.get_field("subject").related_model for model in own_models() if issubclass(model, StatusChange)
    }
    with_status = {
        model
        for model in own_models()
        if {"status", "status_changed_at"} <= {field.name for field in model._meta.local_fields}
    }
    assert with_status == changes


def test_every_model_says_what_one_row_means() -> None:
    assert [m._meta.label for m in own_models() if not m.__doc__ or m.__doc__.startswith(f"{m.__name__}(")] == []


# Shapes of the API ------------------------------------------------------------------------------------------------------
def test_no_two_shapes_of_the_api_share_a_name() -> None:
    """The OpenAPI file knows a shape by its name alone: the second would stand for the first."""
    from pydantic import BaseModel

    from xinglin.project.api import api

    shown, modules = set(api.get_openapi_schema()["components"]["schemas"]), {}

    def walk(shape: type) -> None:
        for each in shape.__subclasses__():
            if each.__module__.startswith("xinglin."):
                modules.setdefault(each.__name__, set()).add(each.__module__)
            walk(each)

    walk(BaseModel)
    assert {key: where for key, where in modules.items() if key in shown and len(where) > 1} == {}


# Addresses -----------------------------------------------------------------------------------------------------------
def test_every_address_named_in_a_template_or_in_python_exists() -> None:
    names = _known_names()
    missing = []
    for path in PACKAGE.rglob("*.html"):
        for used in re.findall(r"""{%\s*url\s+["']([\w:-]+)["']""", path.read_text()):
            if used not in names:
                missing.append(f"{name(path)}: {used}")
    for path in files():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in {"reverse", "reverse_lazy"}:
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value not in names:
                missing.append(f"{name(path)}:{node.lineno} {node.args[0].value}")
    assert missing == []


@lru_cache
def _known_names() -> frozenset[str]:
    found: set[str] = set()

    def walk(resolver, prefix: str) -> None:
        found.update(prefix + key for key in resolver.reverse_dict if isinstance(key, str))
        for namespace, (_, inner) in resolver.namespace_dict.items():
            walk(inner, f"{prefix}{namespace}:")

    walk(get_resolver(), "")
    return frozenset(found)


def test_every_entry_of_the_navigation_leads_somewhere() -> None:
    from xinglin.web import context

    entries = context.CHROME.entries
    assert len(entries) >= 8
    for entry in entries:
        try:
            reverse(entry.url_name)
        except NoReverseMatch as error:
            raise AssertionError(f"{entry.label}: {entry.url_name}") from error


# Words ---------------------------------------------------------------------------------------------------------------
PLACES = re.compile(r"%\((\w+)\)0?\d?[ds]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _written(folder) -> set[str]:
    """Message ids in the templates and the Python of one folder."""
    found: set[str] = set()
    for path in folder.rglob("*.html"):
        source = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
        # Django looks up a constant of a template with its percent signs doubled.
        found |= {
            (a or b).replace("%", "%%")
            for a, b in re.findall(r"""{%\s*(?:translate|trans)\s+(?:"([^"]*)"|'([^']*)')""", source)
        }
        found |= {(a or b).replace("%", "%%") for a, b in re.findall(r"""\b_\((?:"([^"]*)"|'([^']*)')\)""", source)}
        for options, body in re.findall(
            r"{%\s*blocktranslate([^%]*)%}(.*?){%\s*endblocktranslate\s*%}", source, flags=re.S
        ):
            text = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", body.split("{% plural %}")[0])
            found.add(" ".join(line.strip() for line in text.strip().split("\n")) if "trimmed" in options else text)
    for path in folder.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(tree(path)):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "gettext_noop"} and node.args:  # noqa: SIM102
                if isinstance(node.args[0], ast.Constant):
                    found.add(node.args[0].value)
    return {each for each in found if CHINESE.search(each)}


def test_everything_said_is_said_in_english_too() -> None:
    catalogue, wrong = {}, []
    for path in PACKAGE.glob("*/locale/en/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id:
                    continue
                ids = [message.id] if isinstance(message.id, str) else list(message.id)
                texts = [message.string] if isinstance(message.string, str) else list(message.string)
                if all(text.strip() for text in texts) and not message.fuzzy:
                    catalogue[ids[0]] = texts
                for text in texts:
                    if text and set(PLACES.findall(text)) != set(PLACES.findall(ids[0])):
                        wrong.append(f"{name(path)}: {ids[0]}")
    missing = {
        folder.name: sorted(_written(folder) - set(catalogue))
        for folder in PACKAGE.iterdir() if folder.is_dir() and _written(folder) - set(catalogue)
    }  # fmt: skip
    print(f"{len(catalogue)} sentences in English; missing: { {k: len(v) for k, v in missing.items()} }")
    assert wrong == []
    assert missing == {}


def test_nothing_is_translated_that_nobody_says() -> None:
    said = {
        node.value for path in files() for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }.union(*(_written(folder) for folder in PACKAGE.iterdir() if folder.is_dir()))  # fmt: skip

    found = []
    for path in PACKAGE.glob("*/locale/en/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            ids = [message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file)]
        found += [f"{name(path)}: {each}" for each in ids if each and each not in said]
    assert found == []
