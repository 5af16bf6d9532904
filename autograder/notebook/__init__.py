"""A notebook as text: read, split, parsed. No torch, and no student code runs."""
