"""What runs a tablet at the counter: what it is given, what it sends, and how staff look after it."""
