"""REST of assessments and funds."""

from ninja import Router

from xinglin.evaluations.rest import funds, rounds, sheets

router = Router()
for _part in (rounds, sheets, funds):
    router.add_router("", _part.router)

__all__ = ["router"]
