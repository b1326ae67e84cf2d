"""The demo shop: a simulated bubble-tea chain whose truth is known."""
