"""What staff type about guests' own words: a rule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.coding import FEWEST_LETTERS, Match, Rule, spell
from surveys.models import CodingRule


class RuleForm(forms.ModelForm):
    option_key = forms.ChoiceField(label=_("it means"))

    class Meta:
        model = CodingRule
        fields = ("match", "pattern", "option_key")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["option_key"].choices = choices  # type: ignore[attr-defined]
        self.fields["pattern"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        spelled = spell(given.get("pattern", ""))
        if given.get("pattern") and not spelled.plain:
            self.add_error("pattern", _("Write at least one letter, digit or Han character."))
        elif given.get("match") == Match.NEAR and len(spelled.sound) < FEWEST_LETTERS:
            self.add_error("pattern", _("That is too short for “nearly”: it would hit almost anything."))
        return given

    def rule(self) -> Rule:
        given = self.cleaned_data
        return Rule(Match(given["match"]), given["pattern"], given["option_key"])
