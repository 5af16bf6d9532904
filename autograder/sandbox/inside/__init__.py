"""What runs in the warm process and in its children before student code does."""
