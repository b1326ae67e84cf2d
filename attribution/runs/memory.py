"""How much memory a piece of work takes at its peak."""

from pathlib import Path
from typing import Self

OWN = Path("/proc/self")
RESET = "5"  # proc(5): the highest resident size begins anew


class PeakMemory:
    """``with PeakMemory() as peak:`` then ``peak.bytes``: the highest resident size of this process in between.

    None where the system cannot tell: the peak of a worker's whole life says nothing about one run.
    """

    def __init__(self) -> None:
        self.bytes: int | None = None
        self._is_reset = False

    def __enter__(self) -> Self:
        try:
            (OWN / "clear_refs").write_text(RESET)
            self._is_reset = True
        except OSError:
            pass  # another system, or a container without the right
        return self

    def __exit__(self, *error: object) -> None:
        self.read()

    def read(self) -> int | None:
        """Return the peak up to now."""
        if self._is_reset:
            words = (line.split() for line in (OWN / "status").read_text().splitlines())
            self.bytes = next(int(line[1]) * 1024 for line in words if line[0] == "VmHWM:")
        return self.bytes
