"""Saved models: taken out of a submission, scored on a test set, ranked."""
