"""Responses as files: what was asked, one row a response or one an answer, and the code book."""
