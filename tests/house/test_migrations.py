"""The tables are what the models say, by one line of migrations in each app."""

from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.house.sources import ROOT

OURS = [app.label for app in apps.get_app_configs() if ROOT in Path(app.path).parents and ".venv" not in app.path]


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=said)

    assert said.getvalue() == "No changes detected\n"


@pytest.mark.parametrize("label", OURS)
def test_migrations_follow_one_another_in_one_line(label: str):
    graph = MigrationLoader(None).graph

    assert len(graph.leaf_nodes(label)) <= 1
