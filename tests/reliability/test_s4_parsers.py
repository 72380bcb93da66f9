"""S4: whatever bytes come in, a parser answers or refuses in its own words, within a second and in bounded memory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("XINGLIN_FUZZ_SECONDS", "60"))
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "put", "over", "again", "drop"]),
        st.floats(0, 1, exclude_max=True),
        st.one_of(st.binary(max_size=8), st.sampled_from([b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"|^~\\&", b"\x0b", b"\x1c\r"])),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


def edited(seed: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """A file as a bad line, a broken disk or ill will would leave it."""
    data = seed
    for how, place, piece in edits:
        at = int(place * (len(data) + 1))
        match how:
            case "cut":
                data = data[:at]
            case "put":
                data = data[:at] + piece + data[at:]
            case "over":
                data = data[:at] + piece + data[at + len(piece) :]
            case "again":
                data = data[:at] + data[at : at + 512] * 3 + data[at + 512 :]
            case "drop":
                data = data[:at] + data[at + 16 :]
    return data


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
def test_a_damaged_file_is_refused_in_words(target: Target) -> None:
    seeds = target.seeds()

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(range(len(seeds))), EDITS)
    def each(number: int, edits: list[tuple[str, float, bytes]]) -> None:
        target.run(edited(seeds[number], edits))

    each()
    for seed in seeds:
        target.run(seed)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("target", TARGETS)
def test_input_guided_by_coverage_breaks_no_parser(target: str, tmp_path: Path) -> None:
    """``make fuzz`` for `SECONDS`; `XINGLIN_FUZZ_SECONDS` for longer. A fault ends it with the input kept."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", target, "--seconds", str(SECONDS), "--home", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    found = re.search(r"number_of_executed_units:\s*(\d+)", said)
    print(
        f"S4 {target}: {found[1] if found else '?'} inputs in {SECONDS} s, peak {re.findall(r'peak_rss_mb:.*', said)}"
    )
    assert done.returncode == 0, said[-4000:]
    assert found is not None
    assert int(found[1]) > 100, "nothing was tried"
