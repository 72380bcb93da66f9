"""Tables of the network as files: reading Excel and CSV, checking row by row, writing the same layout again."""

from xinglin.network.exchange.base import Table
from xinglin.network.exchange.facility_table import FacilityTable
from xinglin.network.exchange.other_tables import (
    DepartmentTable,
    DivisionTable,
    EquipmentTable,
    MembershipTable,
    ServiceTable,
)
from xinglin.platform.errors import NotVisible

#: In the order a county fills them.
TABLES: dict[str, Table] = {
    table.key: table
    for table in (
        DivisionTable(),
        FacilityTable(),
        DepartmentTable(),
        ServiceTable(),
        EquipmentTable(),
        MembershipTable(),
    )
}


def table_named(key: str) -> Table:
    """One table. :raises NotVisible: there is none of that name"""
    if key not in TABLES:
        raise NotVisible("network.table", key)
    return TABLES[key]
