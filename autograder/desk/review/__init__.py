"""A teaching assistant's look at what only a person can mark: a queue, each item with its code, marks by hand."""
