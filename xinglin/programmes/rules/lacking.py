"""What a definition does not say yet: told on each page where somebody might take a frame for a programme."""

from django.utils.translation import gettext as _

from xinglin.programmes.rules.shapes import Programme


def lacking(programme: Programme) -> list[str]:
    """The parts that a complete programme has and this one has not, in words."""
    parts = {
        _("筛查"): programme.screening is not None,
        _("确诊"): programme.confirmation is not None,
        _("并发症筛查"): bool(programme.complications),
        _("个体化建议"): bool(programme.advice),
        _("下转条件"): bool(programme.movements),
        _("本病指标"): bool(programme.indicators),
        _("患病率"): programme.prevalence is not None,
    }
    if programme.is_frame:
        parts[_("本病自己的分级和目标（现只按病情变化和生活影响分）")] = False
    return [name for name, is_there in parts.items() if not is_there]
