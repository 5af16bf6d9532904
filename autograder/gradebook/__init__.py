"""What outlives the process: the gradebook, and the reports that are written from it."""
