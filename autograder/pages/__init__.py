"""What is written for people to read: pages of students, and what their notebooks printed."""
