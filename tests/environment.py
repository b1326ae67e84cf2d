"""Gives each test process a data folder and servers' compartments of its own, before Django reads its settings.

Named in pyproject.toml with ``-p``, because pytest-django reads the settings before any conftest.py is loaded. So no
test touches the shop in ``var/``, and any number of test processes run side by side.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

folder = tempfile.mkdtemp(prefix="wanamaker-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)

os.environ["DATA_DIR"] = folder
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
# WhiteNoise warns of a folder that is not there; the tests that serve files collect them first.
(Path(folder) / "static").mkdir()

# Redis has numbered compartments: 0 and 1 are the first process's queue and cache, 2 and 3 its live stack's, and so on.
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
for name, compartment in {"BROKER_URL": 0, "CACHE_URL": 1}.items():
    if os.environ.get(name, "").startswith("redis://"):
        os.environ[name] = re.sub(r"/\d+$", f"/{4 * worker + compartment}", os.environ[name])
