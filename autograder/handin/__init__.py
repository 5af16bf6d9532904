"""A look at what a folder hands in, for its author: what is missing, odd or unfinished, before anybody marks it."""
