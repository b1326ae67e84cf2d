"""SQLite as Django knows it, but whoever writes stands in line."""
