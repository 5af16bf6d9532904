"""What the authors of a course wrote down: the manifest, checks, cases, test sets, and the hashes of all that."""
