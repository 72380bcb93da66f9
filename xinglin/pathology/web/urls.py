"""Addresses of pathology."""

app_name = "pathology"
urlpatterns: list[object] = []
