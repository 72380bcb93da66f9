"""What crosses the door of residents."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class TenantDefault(models.Func):
    """The county this connection serves (database setting ``xinglin.tenant``)."""

    template = "current_setting('xinglin.tenant')"
    arity = 0
    output_field = models.CharField()


class Topic(models.TextChoices):
    """What entries of the timeline are about: a reader may ask for one of them."""

    VISITS = "visits", _("就诊")
    RESULTS = "results", _("检查检验")
    REFERRALS = "referrals", _("转诊与会诊")
    FOLLOWUPS = "followups", _("随访")
    RECORD = "record", _("建档与同意")


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The answer of the resident, or of who may sign for him. `signature_png` is what the finger drew; `on_paper` says
    that a sheet was signed instead.
    """

    agreed: bool
    signer_name: str
    signer_relation: str = "本人"
    signature_png: bytes | None = None
    explained: str = ""
    on_paper: bool = False


#: First words of what was explained, in the language of the record, when the consent was signed on a sheet of paper.
ON_PAPER = "纸质签署，原件留存"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to a resident, for the 360° timeline.

    `tone` is empty, ok, info, warning or critical; `icon` one of the sprite.
    """

    at: datetime
    kind: str
    icon: str
    title: str
    detail: str = ""
    url: str = ""
    facility_name: str = ""
    by_name: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value that was measured of a resident, whoever measured it. `code` is LOINC, `unit` UCUM.

    `source` says in words where it comes from; `url` leads to its record. `resident_id`: under which registration.
    """

    code: str
    value: Decimal
    unit: str
    at: datetime
    source: str
    url: str = ""
    resident_id: int = 0


@dataclass(frozen=True, slots=True)
class Flag:
    """A short word beside a name: `tone` is one of the tones of a pill, `icon` of the sprite."""

    label: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class PersonBanner:
    """Who a page is about, for ``<c-person-banner :person="…">``; masked as the reader's role asks.

    `allergies` is None when nobody has asked, empty when there are none known.
    """

    name: str
    sex: str
    born_on: date
    number: str
    identity_masked: str
    phone_masked: str
    url: str
    allergies: tuple[str, ...] | None
    flags: tuple[Flag, ...] = ()
    deceased_on: date | None = None
    note: str = ""
