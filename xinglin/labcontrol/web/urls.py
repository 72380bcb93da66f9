"""Addresses of laboratory control."""

from django.urls import path

from xinglin.labcontrol.web import board, charts, eqa, losses, runs, setup, targets

app_name = "labcontrol"
urlpatterns = [
    path("", board.board, name="board"),
    path("month.xlsx", board.month_table, name="month_table"),
    path("instruments/", setup.instruments, name="instruments"),
    path("instruments/<uuid:uuid>/", setup.instrument, name="instrument"),
    path("instruments/<uuid:uuid>/assays/", setup.add_assay, name="add_assay"),
    path("instruments/<uuid:uuid>/run/", runs.enter, name="enter"),
    path("instruments/<uuid:uuid>/table/", runs.table, name="table"),
    path("runs/<uuid:uuid>/", runs.run, name="run"),
    path("assays/<uuid:uuid>/", charts.chart, name="chart"),
    path("assays/<uuid:uuid>/month.pdf", charts.month_print, name="month_print"),
    path("assays/<uuid:uuid>/targets/", targets.targets, name="targets"),
    path("assays/<uuid:uuid>/targets/set/", targets.set_target, name="set_target"),
    path("assays/<uuid:uuid>/targets/compute/", targets.compute, name="compute_target"),
    path("targets/<uuid:uuid>/begin/", targets.begin, name="begin_target"),
    path("targets/<uuid:uuid>/end/", targets.end, name="end_target"),
    path("materials/", setup.materials, name="materials"),
    path("materials/<uuid:uuid>/open/", setup.open_material, name="open_material"),
    path("materials/<uuid:uuid>/retire/", setup.retire_material, name="retire_material"),
    path("losses/", losses.losses, name="losses"),
    path("losses/<uuid:uuid>/", losses.loss, name="loss"),
    path("losses/<uuid:uuid>/cause/", losses.cause, name="cause"),
    path("losses/<uuid:uuid>/act/", losses.act, name="act"),
    path("losses/<uuid:uuid>/close/", losses.close, name="close"),
    path("losses/<uuid:uuid>/send-back/", losses.send_back, name="send_back"),
    path("eqa/", eqa.schemes, name="eqa"),
    path("eqa/<uuid:uuid>/", eqa.scheme, name="scheme"),
    path("eqa/<uuid:uuid>/certificate/", eqa.certificate, name="certificate"),
    path("eqa/<uuid:uuid>/certificate/file", eqa.certificate_file, name="certificate_file"),
    path("eqa/rounds/<uuid:uuid>/", eqa.round_page, name="round"),
]
