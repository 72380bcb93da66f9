"""What an operator may set: the table in the docstring of the settings, and where each variable is read."""

import ast
import re
from pathlib import Path

from django.conf import settings

from xinglin.project.docs.text import page, table

_ROW = re.compile(r"^``([A-Z_]+)``\s+(.+)$", re.MULTILINE)
_NAME = re.compile(r"(XINGLIN_[A-Z_]+|DATABASE_URL)\Z")
#: Set by the program for its own processes, never by an operator.
INTERNAL = {"XINGLIN_EMBEDDED"}
#: Read, but too small for the settings' own table.
ALSO = {
    "XINGLIN_BEHIND_PROXY": "`on`: the server stands behind its own proxy; the last hop of `X-Forwarded-For` is the "
    "address, `X-Forwarded-Proto` tells HTTPS",
    "XINGLIN_CRYPTO_PROVIDER": "dotted name of the class that stands for a certified cryptographic module; without it "
    "the software provider with key files",
    "XINGLIN_DATABASE_ROLE": "database role of this process; default `xinglin_app`. Set-up uses `xinglin_owner`",
    "XINGLIN_DEBUG": "`on`: error pages with details and templates read anew; never where people work",
    "XINGLIN_LOG": "level of the log; default `WARNING`",
    "XINGLIN_OWNER_PASSWORD": "password that set-up gives to the owner role, for a server that asks for one",
    "XINGLIN_SECOND_FACTOR": "`off` lets a demonstration on loopback do without second factors; refused with any other "
    "host",
    "XINGLIN_SHARED_ADDRESSES": "comma-separated addresses that many people share, such as the one a hospital stands "
    "behind: failed sign-ins there count a tenth",
}


def pages() -> dict[str, str]:
    """``settings.md``. :raises LookupError: a variable is read that nobody has described"""
    described = dict(_ROW.findall(_docstring())) | ALSO
    read = _read()
    unknown = set(read) - set(described) - INTERNAL
    if unknown:
        raise LookupError(f"environment variables without a description: {', '.join(sorted(unknown))}")
    rows = [
        (f"`{name}`", meaning.replace("``", "`"), ", ".join(f"`{place}`" for place in read.get(name, ())))
        for name, meaning in described.items()
        if name in read
    ]
    return {
        "settings.md": page(
            "Settings",
            "Everything an operator may change is an environment variable. Every default is the safe one; start-up "
            "checks (`xinglin.E001` …) refuse to serve with a setting that would lose data or open a door.",
            table(("variable", "meaning", "read in"), rows),
        )
    }


def _docstring() -> str:
    source = Path(settings.BASE_DIR, "xinglin/project/settings.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or ""


def _read() -> dict[str, list[str]]:
    """Every variable of ours that stands in the source as a string, with the files it stands in."""
    found: dict[str, set[str]] = {}
    root = Path(settings.BASE_DIR)
    for path in sorted(Path(root, "xinglin").rglob("*.py")):
        if "tests" in path.parts or path.parts[-2] == "docs":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.match(node.value):
                found.setdefault(node.value, set()).add(str(path.relative_to(root)))
    return {name: sorted(places) for name, places in sorted(found.items())}
