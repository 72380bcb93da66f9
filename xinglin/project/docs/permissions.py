"""Roles and what they may do."""

from xinglin.accounts.data import Permission
from xinglin.accounts.roles import EXCLUSIVE, ROLES, Role
from xinglin.accounts.titles import PERMISSION_TITLES
from xinglin.project.docs.text import chinese, english, page, table

ABOUT = """A grant gives an account one role at a facility (with all below it, if said), in a division, or everywhere,
for a period. A permission therefore always has places: `may(permission, at=facility)` asks for one, and lists show
only what lies at the places where the permission is held. What a role may do with a *person* is decided by the roster
besides (see [ADR 0003](../adr/0003-roster-decides-who-sees-a-resident.md)). The table is
`xinglin/accounts/roles.py`."""


def pages() -> dict[str, str]:
    """``permissions.md``."""
    held = {permission for role in ROLES.values() for permission in role.permissions}
    nobody = [permission for permission in Permission if permission not in held]
    parts = [
        ABOUT,
        "## Roles",
        table(("role", "中文", "English", "who may hold it", "second factor", "export"), map(_role, ROLES.values())),
        f"No account holds two of {', '.join(f'`{slug}`' for slug in sorted(EXCLUSIVE))}, nor one of them beside "
        "another role, the own record as a `resident` excepted.",
        "## Matrix",
        *(_matrix(roles) for roles in _halves()),
    ]
    if nobody:
        parts.append("Given to no role as it ships: " + ", ".join(f"`{each}`" for each in nobody) + ".")
    return {"permissions.md": page("Roles and permissions", *parts)}


def _role(role: Role) -> tuple[str, ...]:
    return (
        f"`{role.slug}`", chinese(role.title), english(role.title), f"{chinese(role.holder)} / {english(role.holder)}",
        "needed" if role.needs_second_factor else "offered", "yes" if role.export else "",
    )  # fmt: skip


def _halves() -> tuple[list[Role], list[Role]]:
    """Fourteen columns do not fit: those who treat, then those who read, run and supervise."""
    treats = [role for role in ROLES.values() if Permission.RESIDENT_VIEW in role.permissions]
    return treats, [role for role in ROLES.values() if role not in treats]


def _matrix(roles: list[Role]) -> str:
    head = ("permission", "中文", "English", *(f"{chinese(role.title)} `{role.slug}`" for role in roles))
    rows = [
        (f"`{each}`", chinese(title), english(title), *("●" if each in role.permissions else "" for role in roles))
        for each, title in PERMISSION_TITLES.items()
        if any(each in role.permissions for role in roles)
    ]
    return table(head, rows)
