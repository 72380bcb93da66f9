"""What crosses the door of pathology."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Kinds of a case."""

    HISTOLOGY = "HISTOLOGY", _("组织学")
    CYTOLOGY = "CYTOLOGY", _("细胞学")
    FROZEN = "FROZEN", _("术中冰冻")


class Agreement(models.TextChoices):
    """How a second look came out beside the first."""

    AGREES = "AGREES", _("符合")
    PARTLY = "PARTLY", _("部分符合")
    DIFFERS = "DIFFERS", _("不符合")


@dataclass(frozen=True, slots=True)
class PartIn:
    """One container as the sender describes it. `kind` and `fixative` are codes of the definitions; moments may be unknown."""

    site: str
    kind: str
    n_pieces: int = 1
    fixative: str = "formalin"
    taken_at: datetime | None = None
    fixed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BlockIn:
    """One block made when grossing: from which container, and what lies in it."""

    part: str  # the letter of the container
    note: str = ""
    n_pieces: int = 1


@dataclass(frozen=True, slots=True)
class Texts:
    """What a report says, part by part. `choices` are codes of the coded wording of its template."""

    gross: str
    microscopic: str
    diagnosis: str
    special: str = ""
    comment: str = ""
    choices: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()  # uuids of pictures printed with it
