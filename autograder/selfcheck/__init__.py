"""A student's own check, before anybody marks: of a notebook's file, of the folder to hand in, in the live kernel."""
