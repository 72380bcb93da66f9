"""Connections as definitions: the shipped ones compute their examples; a broken one says what is wrong."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.factories.exchange import a_connection
from xinglin.exchange import connections
from xinglin.exchange.demographics import person_in
from xinglin.exchange.reading import Message
from xinglin.platform import definitions
from xinglin.platform.definitions import DefinitionError

SHIPPED = [definitions.read(path) for path in sorted((settings.DEFINITIONS_DIR / "hl7-connections").glob("*.toml"))]
EXAMPLES = [(each, example) for each in SHIPPED for example in each.examples]


@pytest.mark.parametrize(("definition", "example"), EXAMPLES, ids=lambda each: getattr(each, "slug", ""))
def test_each_worked_example_is_read_as_it_says(definition: Any, example: dict[str, Any]) -> None:
    connection = connections.by_slug(definition.slug)
    raw = example["message"].strip().replace("\n", "\r").encode(connection.encoding)

    person = person_in(Message(raw, connection.encoding), connection)

    said = {"number": person.number, "id_kind": person.id_kind, "id_number": person.id_number, **person.values}
    assert {key: value for key, value in example.items() if key != "message"} == said


def test_no_shipped_connection_is_switched_on() -> None:
    assert SHIPPED
    assert connections.active() == []


def test_a_changed_file_is_noticed_while_running() -> None:
    assert a_connection().encoding == "utf-8"
    assert a_connection(encoding="GB18030").encoding == "gb18030"


@pytest.mark.parametrize(
    "more",
    ['colour = "red"', 'allow_all = true', 'own_number_types = 3', '[fields]\nphone = "PID"', '[fields]\nshoe = "PID-3"',
     '[outbound]\nhost = "x"', 'keep_days = 1\n[fields]\nname = "PID-5.1.1.1"'],
)  # fmt: skip
def test_a_broken_definition_says_what_is_wrong(more: str) -> None:
    with pytest.raises(DefinitionError, match="his"):
        a_connection(more=more)


def test_addresses_are_networks_too(tmp_path: Path) -> None:
    connection = a_connection()

    assert connection.admits("127.0.0.1")
    assert not connection.admits("127.0.0.2")
    assert not connection.admits("10.0.0.1")
