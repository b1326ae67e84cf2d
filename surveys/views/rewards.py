"""The thank-you coupon of a survey: chosen, how many are left, what guests read, what it changes, what was sent."""

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from attribution.customers.access import marketer_required
from surveys.actions.rewarding import choose_reward
from surveys.messages import told_of
from surveys.models import RewardTrial, Survey
from surveys.rewards import reward_of
from surveys.rewards_form import RewardForm, told_to_guests
from surveys.trials import lines_of, sentences, table_of


@require_http_methods(["GET", "HEAD", "POST"])
@marketer_required
def reward(request: HttpRequest, survey: int) -> HttpResponse:
    shown = get_object_or_404(Survey.objects.select_related("reward_batch"), pk=survey)
    trials = list(shown.trials.select_related("batch").annotate(number=Count("responses")).order_by("-began_at", "-pk"))
    running = next((one for one in trials if one.ended_at is None and one.batch_id == shown.reward_batch_id), None)
    now = {"batch": shown.reward_batch_id, "percent": running.percent if running else 0}
    form = RewardForm(request.POST or None, survey=shown, initial=now)
    if form.is_valid():
        choose_reward(survey=shown, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("surveys:reward", shown.pk)
    context = {
        "survey": shown, "form": form, "reward": reward_of(shown, timezone.now()), "running": running,
        "told": list(told_to_guests(shown, timezone.now())), "sent": told_of(shown), "trials": trials,
    }  # fmt: skip
    return render(request, "surveys/reward.html", context | _compared(request, trials))


def _compared(request: HttpRequest, trials: Sequence[RewardTrial]) -> dict[str, object]:
    """Return the comparison that the address names, else the newest."""
    wanted = request.GET.get("trial", "")
    trial = next((one for one in trials if str(one.pk) == wanted), trials[0] if trials else None)
    if trial is None:
        return {}
    lines = lines_of(trial)
    return {"trial": trial, "table": table_of(lines), "sentences": sentences(lines)}
