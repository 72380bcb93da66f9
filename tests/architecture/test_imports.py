"""Who may import whom: the contracts of ``.importlinter``."""

import configparser
import os
import re
import subprocess
import sys
import tokenize

from tests.architecture.source import PACKAGE, ROOT, files, name

#: Words of the domain; the platform and the shared pages know none.
DOMAIN = re.compile(
    r"(?<![a-z])(patients?|residents?|visits?|referrals?|doctors?|physicians?|clinics?|hospitals?|nurses?|diagnos[ei]s|"
    r"diagnostics?|ecg|prescriptions?|followups?|townships?|villages?|counties|county|clinicians?)(?![a-z])"
)
#: A deployment serves one county: the default name of its tenant and the folder of its definitions are called so.
ALLOWED = {("platform/definitions.py", "county")}


def test_the_contracts_of_imports_hold() -> None:
    linter = "import sys; from importlinter.cli import lint_imports_command; sys.argv[0] = 'lint-imports'; lint_imports_command()"
    answer = subprocess.run(
        [sys.executable, "-c", linter, "--config", str(ROOT / ".importlinter"), "--no-cache"], cwd=ROOT, text=True,
        capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-2000:]
    kept = re.search(r"Contracts: (\d+) kept, 0 broken", answer.stdout)
    assert kept
    print(f"contracts of imports: {kept.group(1)} kept")


def test_every_capability_has_a_front_door() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")

    doors = {each.rpartition("door-")[2] for each in contracts.sections() if "door-" in each}

    capabilities = {each.parent.name for each in PACKAGE.glob("*/apps.py")}
    assert capabilities - doors == {"platform", "web", "project"}


def test_the_platform_knows_no_word_of_the_domain() -> None:
    found = []
    for path in files():
        if path.relative_to(PACKAGE).parts[0] != "platform":
            continue
        short = path.relative_to(PACKAGE).as_posix()
        with path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                is_text = token.type == tokenize.STRING and not token.line.lstrip().startswith(('"""', 'r"""'))
                if token.type != tokenize.NAME and not (is_text and token.string.count("\n") == 0):
                    continue
                for word in DOMAIN.findall(re.sub(r"([a-z])([A-Z])", r"\1_\2", token.string).lower()):
                    if (short, word) not in ALLOWED:
                        found.append(f"{name(path)}:{token.start[0]} {word}")
    assert found == []
