"""``make check``: read only. One line for each check; exit 1 at the end if any failed."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
LINES_SHOWN = 25
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-spark.lock",
    "requirements-node.lock",
    "package-lock.json",
)
ADDRESS = re.compile(r"https?://|git\+|--(?:extra-)?index-url|--find-links|--trusted-host")

#: Words codespell takes for slips: medicine, a method of Ibis, a Chinese surname, British spelling; and names of input schemas.
WORDS = "infarction,pointes,notin,bu,advices,fulfilment"
SCHEMA_NAMES = r"\b[A-Z][A-Za-z]*In\b"


def run(*command: str, **extra: str) -> tuple[bool, str]:
    """Whether a command succeeds, and what it said."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **extra}, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def tool(name: str, *arguments: str) -> Callable[[], tuple[bool, str]]:
    """A tool of the development environment."""
    return lambda: run(str(Path(PYTHON).parent / name), *arguments)


def xinglin(*arguments: str, **extra: str) -> Callable[[], tuple[bool, str]]:
    """A command of ours."""
    return lambda: run(PYTHON, "-m", "xinglin", *arguments, **extra)


def definitions_reviewed() -> tuple[bool, str]:
    """No definition is past the day on which somebody promised to look at it again."""
    late = []
    for path in sorted((ROOT / "definitions").rglob("*.toml")):
        due = tomllib.loads(path.read_text(encoding="utf-8")).get("next_review")
        if not isinstance(due, date) or due < date.today():
            late.append(f"{path.relative_to(ROOT)}: next review {due}")
    return not late, "\n".join(late)


def locks_name_no_address() -> tuple[bool, str]:
    """Lock files say what and with which hash, never from where."""
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name in LOCKS
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if ADDRESS.search(line)
    ]
    return not found, "\n".join(found)


CHECKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "format": tool("ruff", "format", "--check", "--output-format", "concise", "."),
    "lint": tool("ruff", "check", "--quiet", "--output-format", "concise", "."),
    "words": tool("codespell", "--ignore-words-list", WORDS, "--ignore-regex", SCHEMA_NAMES),
    "locks name no address": locks_name_no_address,
    "definitions reviewed": definitions_reviewed,
    "direction of imports": tool("lint-imports", "--no-cache"),
    "migrations": xinglin("makemigrations", "--check", "--dry-run", "--skip-checks", XINGLIN_DATABASE_ROLE="postgres"),
    "generated reference": xinglin("docs", "--check"),
    "types": tool("mypy", "--no-error-summary", "xinglin", "scripts", "synth"),
}


def show(lines: list[str]) -> None:
    """The first lines of what a check said."""
    for line in lines[:LINES_SHOWN]:
        print(f"        {line}")
    if len(lines) > LINES_SHOWN:
        print(f"        … and {len(lines) - LINES_SHOWN} more lines")


def main(chosen: list[str]) -> int:
    """Run all checks, or those whose name contains one of the words given."""
    failed = []
    for name, check in CHECKS.items():
        if chosen and not any(word in name for word in chosen):
            continue
        ok, said = check()
        print(f"{'ok    ' if ok else 'FAILED'}  {name}", flush=True)
        if not ok:
            failed.append(name)
            show(said.strip().splitlines())
    if failed:
        print(f"check: {len(failed)} failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
