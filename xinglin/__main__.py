"""The command line: ``python -m xinglin``."""

import sys

from xinglin.project.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
