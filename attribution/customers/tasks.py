from celery import shared_task

from attribution.customers.actions import files


@shared_task(name="customers.look")
def look() -> None:
    files.look()


@shared_task(name="customers.tidy")
def tidy() -> None:
    files.tidy()
