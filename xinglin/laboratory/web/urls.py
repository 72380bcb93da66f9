from django.urls import path
app_name = "laboratory"
urlpatterns = []
