"""What is written for people to read: pages of students and of the class, and what notebooks printed."""
