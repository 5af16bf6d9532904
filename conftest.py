"""Lets pytest grade notebooks: see autograder.cli.pytest_plugin.py."""

pytest_plugins = ["autograder.cli.pytest_plugin"]
