"""Logs without personal data."""

import logging
import re

#: A record's own key, which is nobody's number though eleven of its digits may look like one; or else a resident
#: identity number, or a mobile number standing alone.
_KEY_OR_PERSONAL = re.compile(
    r"(?P<key>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)"
    r"|(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])"
)


def scrub(text: str) -> str:
    """`text` with identity and telephone numbers struck out; keys of records (UUID) stay whole."""
    return _KEY_OR_PERSONAL.sub(lambda found: found["key"] or "▮▮▮", text)


class ScrubIdentifiers(logging.Filter):
    """Strikes identity and telephone numbers out of every line, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = scrub(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
        return True
