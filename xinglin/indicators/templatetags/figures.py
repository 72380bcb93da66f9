"""Words of figures in templates."""

from django import template

from xinglin.indicators.web.words import implausible, table_title

register = template.Library()
register.filter("table_title", table_title)
register.filter("implausible", implausible)
