"""Lets pytest grade notebooks: see autograder/plugin.py."""

pytest_plugins = ["autograder.plugin"]
