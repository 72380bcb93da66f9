"""Words of recognition that cross its door, and those its rule speaks."""

from enum import IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reach(IntEnum):
    """How far apart the unit that ordered and the unit that examined are; also how far an item is recognised."""

    CONSORTIUM = 0
    COUNTY = 1
    CITY = 2
    PROVINCE = 3
    COUNTRY = 4


REACH_WORDS = {
    Reach.CONSORTIUM: _("本医共体内"),
    Reach.COUNTY: _("本县内"),
    Reach.CITY: _("本市内"),
    Reach.PROVINCE: _("本省内"),
    Reach.COUNTRY: _("全国"),
}


class Level(models.TextChoices):
    """A mark of recognition (互认标识): how far away the results of its holder are recognised."""

    COUNTY = "COUNTY", _("县域互认")
    CITY = "CITY", _("市HR")
    PROVINCE = "PROVINCE", _("本省HR")
    COUNTRY = "COUNTRY", _("全国HR")


#: How far a mark carries.
CARRIES = {
    Level.COUNTY: Reach.COUNTY,
    Level.CITY: Reach.CITY,
    Level.PROVINCE: Reach.PROVINCE,
    Level.COUNTRY: Reach.COUNTRY,
}


class Outcome(models.TextChoices):
    """What a doctor decided about a result that could be recognised. Only `REPEATED` is a refusal to recognise."""

    RECOGNISED = "RECOGNISED", pgettext_lazy("recognition", "已采用")
    REPEATED = "REPEATED", pgettext_lazy("recognition", "重做")
    NOT_SEEN = "NOT_SEEN", pgettext_lazy("recognition", "未见结果")
    SERIAL = "SERIAL", pgettext_lazy("recognition", "连续监测")
