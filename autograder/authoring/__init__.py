"""For the course's authors: notebooks from scripts, the student bundle, and the proofs about the course."""
