"""The images of a request and the person's earlier ones, as the reading room shows them."""

import contextlib

from django.utils.translation import gettext as _

from xinglin.diagnostics.images import Images
from xinglin.imaging import archive, queries
from xinglin.imaging.api import study_summary
from xinglin.imaging.dicom.frames import drawn
from xinglin.imaging.models import Study
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, Unavailable

MOST_PRINTED, PRINTED_SIDE = 3, 900


def of_request(actor: Actor, request: object, resident_ids: list[int]) -> list[Images]:
    """Own images first, then the priors. Two queries."""
    request_id: int = request.pk  # type: ignore[attr-defined]
    own = queries.studies_of_request(request_id)
    return [_images(each, is_own=True) for each in own] + [
        _images(each, is_own=False) for each in queries.earlier_studies(actor, resident_ids, without=request_id)
    ]


def key_images(request: object) -> list[bytes]:
    """For the print: the middle image of each series of the request, at most three. What cannot be drawn,
    or not be read now, is left out."""
    found: list[bytes] = []
    for study in queries.studies_of_request(request.pk):  # type: ignore[attr-defined]
        for series in queries.series_of(study):
            rows = queries.instances_of(study, series_uid=series.series_uid).filter(rows__gt=0)
            middle = rows[rows.count() // 2 :][:1]
            for instance in middle:
                with contextlib.suppress(InvalidInput, Unavailable):
                    frame = (instance.frames + 1) // 2 or 1
                    found.append(drawn(archive.path_to(instance), frame, side=PRINTED_SIDE))
            if len(found) == MOST_PRINTED:
                return found
    return found


def _images(study: Study, *, is_own: bool) -> Images:
    summary = study_summary(study)
    counts = _("%(series)d个序列 %(images)d幅") % {"series": summary.n_series, "images": summary.n_instances}
    return Images(
        title=" ".join(part for part in ("/".join(summary.modalities), summary.description) if part) or "—",
        detail=counts, taken_at=summary.taken_at or study.received_at, view_url=summary.view_url,
        thumbnail_url=summary.thumbnail_url, is_own=is_own,
    )  # fmt: skip
