"""A survey’s results: answers kept as columns, counted by DuckDB, told as tables."""
