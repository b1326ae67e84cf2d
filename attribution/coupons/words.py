"""A batch's rules as people read them, in the reader's language."""

from itertools import groupby

from babel.dates import get_day_names
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language, pgettext

from attribution.hours import Hours, written
from sheets.display import locale_of


def week_in_words(week: Hours) -> str:
    """Return when it holds, days with the same hours together.

    Examples
    --------
    >>> week_in_words(Hours((((660, 840),),) * 5 + ((),) * 2))
    'Mon–Fri 11:00–14:00'
    """
    names = get_day_names("abbreviated", "format", locale_of(get_language() or settings.LANGUAGE_CODE))
    parts = []
    for spans, days in groupby(range(7), key=lambda day: week.days[day]):
        if spans:
            first, *others = days
            span = f"{names[first]}–{names[others[-1]]}" if others else names[first]
            parts.append(f"{span} {written(spans)}")
    return pgettext("between days with their hours", "; ").join(parts)


in_words = lazy(week_in_words, str)
