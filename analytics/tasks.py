from celery import shared_task

from analytics import actions


@shared_task(name="analytics.look")
def look() -> None:
    actions.look()
