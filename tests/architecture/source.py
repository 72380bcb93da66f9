"""The source as the architecture tests read it: files, trees, and what is of no concern to them."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "xinglin"
#: Every folder with rules of the county: all but what none of them is.
CAPABILITIES = tuple(
    path.parent.name
    for path in sorted(PACKAGE.glob("*/apps.py"))
    if path.parent.name not in ("platform", "web", "project")
)


@lru_cache
def files(*, tests: bool = False, migrations: bool = False) -> tuple[Path, ...]:
    """Python files of the package."""
    return tuple(
        path for path in sorted(PACKAGE.rglob("*.py"))
        if (tests or "tests" not in path.parts) and (migrations or "migrations" not in path.parts)
    )  # fmt: skip


@lru_cache(maxsize=2048)
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    """How a file is called in a report."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an expression, as far as it is names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def part(path: Path) -> str:
    """The kind of file within its capability: ``actions``, ``web``, ``rest``, ``models`` …"""
    inside = path.relative_to(PACKAGE).parts[1:]
    return inside[0].removesuffix(".py") if inside else ""
