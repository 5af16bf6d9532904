"""The commands of the console script, by whom they are for."""
