"""What outlives the process: the gradebook, and the tables of marks that are written from it."""
