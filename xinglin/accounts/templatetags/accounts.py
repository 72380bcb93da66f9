"""Tags of the pages of the audit trail."""

from django import template
from django.utils.functional import Promise

from xinglin.accounts import titles
from xinglin.platform.models import AuditRecord

register = template.Library()


@register.simple_tag
def event_title(record: AuditRecord) -> Promise | str:
    """What a record says, in words: ``{% event_title row as title %}``."""
    return titles.event_title(record.event)
