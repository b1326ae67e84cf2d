"""``manage.py publish_survey FILE.json [--survey ID]``: publish a questionnaire as a survey's next version."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from attribution.errors import DomainError
from surveys.actions import publish_version
from surveys.definition import BadDefinition, Definition, parse
from surveys.models import Survey, SurveyVersion


class Command(BaseCommand):
    help = "Publish a questionnaire (JSON) as the next version of a survey, or as a new survey."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json")
        parser.add_argument("--survey", type=int, metavar="ID", help="Of which survey; without it a new one is made.")
        parser.add_argument("--name-zh-hans", default="", help="A new survey's name in Chinese.")
        parser.add_argument("--name-en", default="", help="A new survey's name in English.")

    def handle(self, *args: Any, **options: Any) -> None:
        definition = read(options["file"])
        try:
            version = publish(definition, options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Survey {version.survey_id}: version {version.number} is published.")


def read(path: Path) -> Definition:
    try:
        return parse(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CommandError(f"{path} is not JSON in UTF-8: {error}") from error
    except BadDefinition as error:
        raise CommandError(f"{path}: {error}") from error


@transaction.atomic
def publish(definition: Definition, options: dict[str, Any]) -> SurveyVersion:
    if options["survey"] is None:
        names = {"name_zh_hans": options["name_zh_hans"], "name_en": options["name_en"]}
        if not any(names.values()):
            raise CommandError("Name a new survey by --name-zh-hans or --name-en, or give --survey.")
        return publish_version(survey=Survey.objects.create(**names), definition=definition)
    survey = Survey.objects.filter(pk=options["survey"]).first()
    if survey is None:
        raise CommandError(f"There is no survey {options['survey']}.")
    return publish_version(survey=survey, definition=definition)
