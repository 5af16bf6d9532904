"""The grader's side of the conversation with a student's process."""
