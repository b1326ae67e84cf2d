from celery import shared_task

from surveys.actions.coding import recode_waiting
from surveys.actions.exporting import write_waiting_responses
from surveys.actions.hooks import deliver_waiting
from surveys.actions.kiosk import take_waiting_answers
from surveys.actions.messaging import send_waiting_coupons
from surveys.actions.one_answer import forget_old_guests
from surveys.actions.printing import draw_waiting_posters
from surveys.actions.reviewing import review_answers
from surveys.actions.watching import watch_placements
from surveys.results.file import write_wanted_answers


@shared_task(name="surveys.look")
def look() -> None:
    recode_waiting()
    draw_waiting_posters()
    take_waiting_answers()
    write_wanted_answers()
    write_waiting_responses()


@shared_task(name="surveys.watch")
def watch() -> None:
    watch_placements()
    forget_old_guests()


@shared_task(name="surveys.send_coupons")
def send_coupons() -> None:
    send_waiting_coupons()


@shared_task(name="surveys.review")
def review() -> None:
    review_answers()


@shared_task(name="surveys.deliver")
def deliver() -> None:
    deliver_waiting()
