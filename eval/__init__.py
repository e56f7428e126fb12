"""Measures of what the program answers, on questions whose answers are known."""
