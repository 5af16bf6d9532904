"""What runs in the student's process: the notebook's reader, its lazy namespace, and the answers to the grader."""
