"""``make fuzz``: one parser under coverage-guided input, for so many seconds. The corpus is kept under ``build/fuzzing``."""

import argparse
import os
import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
#: What the process holds before the first input is read, roughly.
OWN_BYTES = 400 * 1024 * 1024


def main() -> None:
    """Run; exit code 0 when nothing was found. What broke it is left in ``build/fuzzing/<target>-crash-…``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--home", type=Path, default=ROOT / "build" / "fuzzing")
    options = parser.parse_args()
    corpus = options.home / options.target
    corpus.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    import django  # noqa: PLC0415

    django.setup()
    with atheris.instrument_imports(
        include=["xinglin.exchange", "xinglin.imaging.dicom", "xinglin.diagnostics.ecg", "xinglin.web.sheets", "hl7"]
    ):
        from tests.fuzzing.targets import MOST_BYTES, TARGETS  # noqa: PLC0415
    target = TARGETS[options.target]
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [
        sys.argv[0], str(corpus), f"-max_total_time={options.seconds}", "-timeout=60", "-max_len=262144",
        f"-rss_limit_mb={(OWN_BYTES + MOST_BYTES) >> 20}", f"-artifact_prefix={options.home}/{options.target}-",
        "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    atheris.Setup(arguments, target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
