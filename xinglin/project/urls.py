"""All addresses."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from xinglin.project.api import api


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("api/v1/", api.urls),  # first: addresses are tried in this order
    path("healthz", healthz),
    path("language/", set_language, name="set_language"),
    path("ui/", include("xinglin.web.urls")),
    path("", include("xinglin.accounts.web.urls")),
    path("network/", include("xinglin.network.web.urls")),
    path("residents/", include("xinglin.residents.web.urls")),
    path("visits/", include("xinglin.visits.web.urls")),
    path("contracts/", include("xinglin.contracts.web.urls")),
    path("institutions/", include("xinglin.institutions.web.urls")),
    path("diagnostics/", include("xinglin.diagnostics.web.urls")),
    path("recognition/", include("xinglin.recognition.web.urls")),
    path("imaging/", include("xinglin.imaging.web.urls")),
    path("centres/", include("xinglin.centres.web.urls")),
    path("pathology/", include("xinglin.pathology.web.urls")),
    path("dicom-web/", include("xinglin.imaging.web.dicomweb_urls")),
    path("viewer/", include("xinglin.imaging.web.viewer_urls")),
    path("laboratory/", include("xinglin.laboratory.web.urls")),
    path("control/", include("xinglin.labcontrol.web.urls")),
    path("exchange/", include("xinglin.exchange.web.urls")),
    path("consultations/", include("xinglin.consultations.web.urls")),
    path("referrals/", include("xinglin.referrals.web.urls")),
    path("programmes/", include("xinglin.programmes.web.urls")),
    path("pocket/", include("xinglin.pocket.web.urls")),
    path("followups/", include("xinglin.followups.web.urls")),
    path("checkups/", include("xinglin.checkups.web.urls")),
    path("kiosk/", include("xinglin.checkups.web.kiosk_urls")),
    path("points/", include("xinglin.points.web.urls")),
    path("readings/", include("xinglin.readings.web.urls")),
    path("inbox/", include("xinglin.notifications.web.urls")),
    path("submissions/", include("xinglin.submissions.web.urls")),
    path("board/", include("xinglin.indicators.web.urls")),
    path("evaluations/", include("xinglin.evaluations.web.urls")),
    path("", include("xinglin.workbench.web.urls")),
]

handler400 = "xinglin.web.faults.bad_request"
handler404 = "xinglin.web.faults.not_found"
handler500 = "xinglin.web.faults.fault"
