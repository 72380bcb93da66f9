"""S1, the quick half: no operation without a reviewed row for every role at every place."""

import tomllib

from tests.reliability.matrix import SCOPES, operations_cached
from tests.reliability.rows import TABLE, expected
from xinglin.accounts.roles import ROLES


def test_every_operation_has_a_row_for_every_role_and_place() -> None:
    table = tomllib.loads(TABLE.read_text())

    assert set(table["operations"]) == set(operations_cached())
    assert set(table["roles"].values()) == set(ROLES)
    for operation in operations_cached():
        rows = list(expected(table, operation))
        assert len(rows) == len({row[:2] for row in rows}) == len(ROLES) * len(SCOPES), operation
