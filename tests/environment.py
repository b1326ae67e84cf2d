"""Gives each test process a data folder of its own, before Django reads its settings.

Named in pyproject.toml with ``-p``, because pytest-django reads the settings before any conftest.py is loaded. So no
test touches the shop in ``var/``, and any number of test processes run side by side.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

folder = tempfile.mkdtemp(prefix="wanamaker-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)

os.environ["DATA_DIR"] = folder
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
# WhiteNoise warns of a folder that is not there; the tests that serve files collect them first.
(Path(folder) / "static").mkdir()
