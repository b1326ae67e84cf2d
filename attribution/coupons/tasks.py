from celery import shared_task

from attribution.coupons.actions.files import write_waiting_files
from attribution.coupons.actions.making import make_waiting_codes


@shared_task(name="coupons.look")
def look() -> None:
    make_waiting_codes()
    write_waiting_files()
