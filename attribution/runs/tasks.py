from celery import shared_task

from attribution.runs import actions


@shared_task(name="runs.look")
def look() -> None:
    actions.look()
    actions.look_again()
