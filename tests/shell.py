"""``python -m tests.shell``: runs the Python code that each line of its input holds as JSON, and answers with a line.

A `tests.stack.Stack` keeps one of these: Django and all that it imports take longer to start than most code to run.
"""

import contextlib
import io
import json
import sys
import traceback

import django


def main() -> None:
    django.setup()
    from django.db import connections

    answers = sys.stdout
    for line in sys.stdin:
        said, error = io.StringIO(), ""
        with contextlib.redirect_stdout(said):
            try:
                exec(json.loads(line), {"__name__": "__main__"})
            except Exception:  # noqa: BLE001 - whatever it is, who asked is told
                error = traceback.format_exc()
        connections.close_all()
        answers.write(json.dumps({"said": said.getvalue(), "error": error}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
