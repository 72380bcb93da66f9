"""Addresses of pathology."""

from django.urls import path

from xinglin.pathology.web import lists, ordering, pictures, views

app_name = "pathology"
urlpatterns = [
    path("sent/", lists.sent, name="sent"),
    path("desk/", lists.desk, name="desk"),
    path("bench/", lists.bench, name="bench"),
    path("reading/", lists.reading, name="reading"),
    path("loans/", lists.loans, name="loans"),
    path("loans/<uuid:uuid>/return/", views.take_back, name="take_back"),
    path("quality/", lists.quality, name="quality"),
    path("request/<uuid:uuid>/", ordering.from_visit, name="request"),
    path("residents/<uuid:uuid>/request/", ordering.from_record, name="request_resident"),
    path("of/<uuid:uuid>/", views.of_request, name="of_request"),
    path("opinions/<uuid:uuid>/answer/", views.give_opinion, name="give_opinion"),
    path("pictures/<uuid:uuid>/", pictures.picture, name="picture"),
    path("pictures/<uuid:uuid>/image", pictures.image, name="picture_image"),
    path("pictures/<uuid:uuid>/thumb.jpg", pictures.thumb, name="picture_thumb"),
    path(
        "pictures/<uuid:uuid>/tiles/<int:level>/<int:column>_<int:row>.jpg", pictures.tile, name="picture_tile"
    ),
    path("<uuid:uuid>/", views.case, name="case"),
    path("<uuid:uuid>/receive/", views.receive, name="receive"),
    path("<uuid:uuid>/hold/", views.hold, name="hold"),
    path("<uuid:uuid>/refuse/", views.refuse, name="refuse"),
    path("<uuid:uuid>/answer/", views.answer, name="answer"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:uuid>/gross/", views.gross, name="gross"),
    path("<uuid:uuid>/blocks/", views.add_blocks, name="add_blocks"),
    path("<uuid:uuid>/embed/", views.embed, name="embed"),
    path("<uuid:uuid>/make/", views.make, name="make"),
    path("<uuid:uuid>/order/", views.order, name="order"),
    path("<uuid:uuid>/grade/", views.grade, name="grade"),
    path("<uuid:uuid>/pictures/", views.add_picture, name="add_picture"),
    path("<uuid:uuid>/claim/", views.claim, name="claim"),
    path("<uuid:uuid>/release/", views.release, name="release"),
    path("<uuid:uuid>/take-over/", views.take_over, name="take_over"),
    path("<uuid:uuid>/preliminary/", views.preliminary, name="preliminary"),
    path("<uuid:uuid>/final/", views.final, name="final"),
    path("<uuid:uuid>/amend/", views.amend, name="amend"),
    path("<uuid:uuid>/supplement/", views.supplement, name="supplement"),
    path("<uuid:uuid>/frozen/", views.tell_frozen, name="tell_frozen"),
    path("<uuid:uuid>/compare/", views.compare_frozen, name="compare_frozen"),
    path("<uuid:uuid>/opinions/", views.ask_opinion, name="ask_opinion"),
    path("<uuid:uuid>/lend/", views.lend, name="lend"),
    path("<uuid:uuid>/report.pdf", views.report_pdf, name="report_pdf"),
    path("<uuid:uuid>/labels/<slug:what>.pdf", views.labels_pdf, name="labels"),
]
