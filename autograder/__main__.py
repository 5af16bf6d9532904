"""`python -m autograder` is the console script."""

from autograder.cli.start import main

if __name__ == "__main__":
    main()
