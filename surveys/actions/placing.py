"""Where a survey hangs: one place, or one in each of many stores."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count

from attribution import facts
from attribution.customers.models import Store
from surveys.models import Placement, Survey
from surveys.placements import stores_without


@transaction.atomic
def save_placement(*, placement: Placement) -> Placement:
    """Store a place as its form left it."""
    placement.save()
    facts.ring()  # its responses belong to the store in which it stands
    return placement


@transaction.atomic
def place_in_stores(*, survey: Survey, stores: Iterable[Store], like: Placement) -> list[Placement]:
    """Make a place like ``like`` in each of the stores that has none of its spot and mode; return the new ones."""
    Survey.objects.select_for_update().get(pk=survey.pk)  # two who do it at once make one place a store
    same = Placement.objects.filter(survey=survey, spot=like.spot, mode=like.mode)
    there = set(same.values_list("store_id", flat=True))
    return Placement.objects.bulk_create(
        Placement(
            survey=survey, store=store, spot=like.spot, mode=like.mode, hours=like.hours, is_signed=like.is_signed,
            expires_at=like.expires_at,
        )
        for store in stores
        if store.pk not in there
    )  # fmt: skip


@transaction.atomic
def place_in_missing_stores(*, survey: Survey) -> list[Placement]:
    """Make a place in every store that has none, at the spot and in the mode that most stores have; always open."""
    places = Placement.objects.filter(survey=survey).values_list("spot", "mode")
    usual = places.annotate(stores=Count("store", distinct=True)).order_by("-stores", "spot", "mode").first()
    spot, mode, _stores = usual or ("", Placement.Mode.OWN_PHONE, 0)
    return place_in_stores(survey=survey, stores=stores_without(survey), like=Placement(spot=spot, mode=mode))
