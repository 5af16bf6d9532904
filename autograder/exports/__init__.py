"""What goes back to an LMS, or on to a spreadsheet: marks, comments and pages of students."""
