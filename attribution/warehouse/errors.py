"""What is wrong with an input file, in one line that says where and what to do."""


class InputError(ValueError):
    """An input that cannot be judged: ``file``, ``column`` (or ``None``), ``problem`` and ``remedy`` are attributes.

    Examples
    --------
    >>> print(InputError("touches.csv", "kind", "2 rows say 'radio'", "use one of link, survey"))
    touches.csv: column kind: 2 rows say 'radio'; use one of link, survey
    """

    def __init__(self, file: str, column: str | None, problem: str, remedy: str) -> None:
        self.file, self.column, self.problem, self.remedy = file, column, problem, remedy
        where = f"{file}: column {column}" if column else file
        super().__init__(f"{where}: {problem}; {remedy}")


class WarehouseError(RuntimeError):
    """The cluster that WAREHOUSE names cannot do the work: one line says why, and what to do."""
