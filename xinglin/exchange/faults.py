"""What is wrong with a message, where, and in which words.

A fault is kept with its sentence in every language of the pages, because who reads it later is not known now. Sentences
name fields and codes, never what stands in a personal field.
"""

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.platform.errors import DomainError, InvalidInput

#: Codes of HL7 table 0357.
SEQUENCE, REQUIRED, DATA_TYPE, NOT_IN_TABLE = 100, 101, 102, 103
UNSUPPORTED_VERSION, UNKNOWN_KEY, DUPLICATE_KEY, INTERNAL = 203, 204, 205, 207


class Fault(InvalidInput):
    """A message cannot be taken or applied. `path` is the place as in ``PID-3.1``; empty when it has none.

    `rejects`: the message as such is refused (AR); otherwise its content is in error (AE). `values` fill the places of
    the sentence, in whatever language it is said in the end.
    """

    def __init__(  # noqa: PLR0913 - a place, a sentence and two codes
        self, code: str, message: object, path: str = "", *, hl7_code: int = DATA_TYPE, rejects: bool = False,
        values: dict[str, object] | None = None,
    ) -> None:  # fmt: skip
        if values is not None:
            sentence = message
            message = lazy(lambda: str(sentence) % values, str)()
        super().__init__(message, fields={path: message} if path else None, code=code)
        self.path, self.hl7_code, self.rejects = path, hl7_code, rejects

    @property
    def place(self) -> tuple[str, int | None, int | None]:
        """Segment, field and component."""
        segment, _dash, rest = self.path.partition("-")
        field, _dot, component = rest.partition(".")
        return segment, int(field) if field else None, int(component) if component else None


def words_of(message: object) -> dict[str, str]:
    """A sentence in each language of the pages."""
    words = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            words[language] = str(message)[:400]
    return words


#: Refusals of other capabilities whose own sentence would tell something about a person.
_DISCREET = {
    "id-born_on-differs": _("出生日期与证件号码不一致。"),
    "already-registered": _("证件已登记在另一份档案下，请人工核对。"),
    "probable-matches": _("有疑似同一人的档案。系统不猜测，请在居民档案中核对后重放，或放弃。"),
}


def fault_of(error: DomainError, path: str) -> Fault:
    """The refusal of another capability, at the place the refused value came from."""
    return Fault(error.code, _DISCREET.get(error.code, error.message), path)
