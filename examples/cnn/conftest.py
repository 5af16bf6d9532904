"""Lets pytest check notebooks: `pytest` those in notebooks/, `pytest --notebook PATH` another."""

pytest_plugins = ["autograder.cli.pytest_plugin"]
