"""Broken and strange submissions, built by code, each with the exact row that intake must make of it."""
