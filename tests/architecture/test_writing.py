"""Who writes: actions only; who reads the clock: the edges only; statuses: `move` only; no signals, no pasted SQL."""

import ast
import re
import tomllib

from tests.architecture.source import CAPABILITIES, PACKAGE, ROOT, dotted, files, functions, name, part, tree

#: Parts of a capability that may write rows.
WRITERS = {"actions", "models", "management", "migrations"}
QUERYSET_WRITES = {
    "save",
    "delete",
    "update",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
#: Parts that may read the clock; a job, a command and a view are edges.
EDGES = {"web", "listener", "rest", "jobs", "management", "middleware"}
EXCEPTIONS = tomllib.loads((ROOT / "tests/architecture/exceptions.toml").read_text())


def _in_capabilities() -> list:
    return [path for path in files() if path.relative_to(PACKAGE).parts[0] in CAPABILITIES]


def _looks_like_rows(call: ast.Call) -> bool:
    """Whether ``x.update(...)`` is about rows: a manager or queryset stands before it, or an object saves itself."""
    assert isinstance(call.func, ast.Attribute)
    before = ast.unparse(call.func.value)
    if call.func.attr in {"save", "delete"}:
        return not call.args and "session" not in before and "form" not in before
    return any(word in before for word in (".objects", ".filter(", ".exclude(", "_manager", "status_changes", ".all()"))


def _writes(path) -> list[str]:
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "insert_together":
            found.append("insert_together")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in QUERYSET_WRITES:  # noqa: SIM102
            if _looks_like_rows(node):
                found.append(node.func.attr)
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        found += ["status ="] * sum(isinstance(each, ast.Attribute) and each.attr == "status" for each in targets)
    return found


def test_only_actions_write_rows() -> None:
    reviewed = EXCEPTIONS["writers"]
    found = {name(path): _writes(path) for path in _in_capabilities() if part(path) not in WRITERS}
    found = {path: what for path, what in found.items() if what}

    assert {path: what for path, what in found.items() if path not in reviewed} == {}
    assert set(reviewed) <= set(found), "an exception that is no longer needed"


def test_a_status_is_assigned_nowhere() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in _in_capabilities()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Attribute) and each.attr == "status" for each in node.targets)
        and part(path) != "web"
    ]  # fmt: skip
    assert found == []


def test_nobody_listens_to_signals_of_rows() -> None:
    banned = {"receiver", "post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed"}
    found = [
        f"{name(path)}:{node.lineno}"
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and {each.name for each in node.names} & banned
        and name(path) not in EXCEPTIONS["signals"]
    ]  # fmt: skip
    assert found == []


def test_the_clock_is_read_at_the_edges_only() -> None:
    clocks = {
        "clock.now",
        "timezone.now",
        "datetime.now",
        "datetime.utcnow",
        "date.today",
        "timezone.localdate",
        "datetime.datetime.now",
    }
    found = {}
    for path in files():
        top = path.relative_to(PACKAGE).parts[0]
        if top in {"project", "web"} or part(path).split("_")[0] in EDGES or name(path) == "xinglin/platform/clock.py":
            continue
        lines = [
            node.lineno
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call)
            and dotted(node.func) in clocks
            and not (node.args and "localdate" in dotted(node.func))
        ]
        if lines:
            found[name(path)] = lines
    reviewed = EXCEPTIONS["clock"]
    assert {path: lines for path, lines in found.items() if path not in reviewed} == {}
    assert set(reviewed) <= set(found), "an exception that is no longer needed"


def test_an_action_takes_keywords_and_says_by_whom_and_when() -> None:
    found, n_actions = [], 0
    for path in _in_capabilities():
        if part(path) != "actions":
            continue
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or not node.decorator_list:
                continue
            if not any(re.search("atomic|one_statement", ast.unparse(each)) for each in node.decorator_list):
                continue
            n_actions += 1
            keywords = {each.arg for each in node.args.kwonlyargs}
            if node.args.args or node.args.vararg or not {"by", "at"} <= keywords:
                found.append(f"{name(path)}:{node.name}")
    print(f"{n_actions} actions")
    assert n_actions > 400
    assert set(found) - set(EXCEPTIONS["signatures"]) == set()
    assert set(EXCEPTIONS["signatures"]) <= set(found), "an exception that is no longer needed"


def test_no_sql_is_pasted_together() -> None:
    """`execute` gets a literal, or `psycopg.sql`; never an f-string, a ``%`` or a sum."""
    found = []
    for path in files(migrations=True):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] not in {
                "execute",
                "raw",
                "RawSQL",
                "extra",
                "executemany",
            }:
                continue
            pasted = [each for each in node.args[:1] if isinstance(each, ast.JoinedStr | ast.BinOp)]
            pasted += [
                each
                for each in node.args[:1]
                if isinstance(each, ast.Call)
                and dotted(each.func).endswith("format")
                and "sql" not in ast.unparse(each).lower()[:8]
            ]
            if pasted and name(path) not in EXCEPTIONS["sql"]:
                found.append(f"{name(path)}:{node.lineno}")
    assert found == []


def test_functions_and_files_stay_small() -> None:
    """400 lines a file, 40 a function. The exceptions only go down: one that has shrunk must be written down smaller."""
    reviewed = EXCEPTIONS["sizes"]
    files_seen = {name(path): len(path.read_text().splitlines()) for path in files(tests=True)}
    found = {path: size for path, size in files_seen.items() if size > 400}
    for path in files():
        for node in functions(path):
            assert node.end_lineno is not None
            start = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
            size = node.end_lineno - (start or node.lineno)
            if size > 40:
                found[f"{name(path)}:{node.name}"] = size
    grown = {key: size for key, size in found.items() if size > reviewed.get(key, 0)}
    slack = {key: most for key, most in reviewed.items() if found.get(key, 0) < most}
    assert grown == {}
    assert slack == {}, "it has shrunk: lower the number"


def test_nothing_is_left_for_later() -> None:
    import re

    words = re.compile(r"\b(TO" + "DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for pattern in ("xinglin/**/*.py", "xinglin/**/*.html", "xinglin/**/*.js", "xinglin/**/*.css", "tests/**/*.py", "synth/**/*.py", "docs/**/*.md")
        for path in ROOT.glob(pattern)
        if "vendor" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if words.search(line)
    ]  # fmt: skip
    assert found == []


def test_numbers_of_decisions_are_those_of_their_titles() -> None:
    import re

    records = sorted((ROOT / "docs/adr").glob("[0-9]*.md")) if (ROOT / "docs/adr").exists() else []
    for path in records:
        number = int(path.name[:4])
        title = next(line for line in path.read_text().splitlines() if line.startswith("# "))
        assert re.match(rf"# (ADR[- ])?0*{number}\b", title), path.name
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))


def test_digits_are_those_that_int_reads() -> None:
    """``"²".isdigit()`` is true, and ``int("²")`` an error; ``isdecimal`` says what `int` takes."""
    assert [name(path) for path in files() if ".isdigit()" in path.read_text()] == []
