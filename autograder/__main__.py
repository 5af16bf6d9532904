"""`python -m autograder` is the console script."""

from autograder.cli.app import app

if __name__ == "__main__":
    app()
