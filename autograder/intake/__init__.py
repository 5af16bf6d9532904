"""From whatever a student handed in to the notebooks in it; runs no student code and trusts no archive."""
