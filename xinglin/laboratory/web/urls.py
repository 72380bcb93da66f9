"""Addresses of the laboratory."""

from django.urls import path

from xinglin.laboratory.web import bench, collecting, keeping, ordering, own, reports, reviewing, shipping

app_name = "laboratory"
urlpatterns = [
    path("visits/<uuid:uuid>/order/", ordering.order_visit, name="order_visit"),
    path("residents/<uuid:uuid>/order/", ordering.order_resident, name="order_resident"),
    path("collect/", collecting.collect, name="collect"),
    path("collect/<str:barcode>/", collecting.confirm, name="confirm"),
    path("collect/<str:barcode>/missed/", collecting.missed, name="missed"),
    path("collect/<str:barcode>/undo/", collecting.undo, name="undo_collection"),
    path("hand-over/", shipping.hand_over, name="hand_over"),
    path("shipments/<uuid:uuid>/", shipping.shipment, name="shipment"),
    path("shipments/<uuid:uuid>/temperature/", shipping.temperature, name="temperature"),
    path("shipments/<uuid:uuid>/arrive/", shipping.arrive, name="arrive"),
    path("shipments/<uuid:uuid>/manifest.pdf", shipping.manifest, name="manifest"),
    path("receive/", bench.receive, name="receive"),
    path("receive/<str:barcode>/", bench.take_in, name="take_in"),
    path("receive/<str:barcode>/refuse/", bench.refuse, name="refuse"),
    path("bench/", bench.bench, name="bench"),
    path("review/", reviewing.queue, name="review"),
    path("retention/", keeping.retention, name="retention"),
    path("retention/<str:barcode>/store/", keeping.store, name="store"),
    path("retention/<str:barcode>/dispose/", keeping.dispose, name="dispose"),
    path("turnaround/", keeping.turnaround, name="turnaround"),
    path("mine/", own.mine, name="mine"),
    path("mine/<uuid:uuid>/", own.one, name="own_report"),
    path("mine/trend/<str:analyte>/", own.trend, name="own_trend"),
    path("<uuid:uuid>/", reports.order, name="order"),
    path("<uuid:uuid>/labels.pdf", reports.labels, name="labels"),
    path("<uuid:uuid>/report.pdf", reports.report_pdf, name="report_pdf"),
    path("<uuid:uuid>/trend/<str:analyte>/", reports.trend, name="trend"),
    path("<uuid:uuid>/enter/", bench.enter, name="enter"),
    path("<uuid:uuid>/examine/", reviewing.examine, name="examine"),
    path("<uuid:uuid>/release/", reviewing.release, name="release"),
]
