"""The page on which a survey is edited."""
