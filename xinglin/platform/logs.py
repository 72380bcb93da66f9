"""Logs without personal data."""

import logging
import re

#: Resident identity numbers, and mobile numbers standing alone.
_PERSONAL = re.compile(r"(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])")


def scrub(text: str) -> str:
    """`text` with identity and telephone numbers struck out."""
    return _PERSONAL.sub("▮▮▮", text)


class ScrubIdentifiers(logging.Filter):
    """Strikes identity and telephone numbers out of every line, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = scrub(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
        return True
