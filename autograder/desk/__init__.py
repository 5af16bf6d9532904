"""What people decide, each an event that can be undone: marks, extensions, appeals; `review` shows what waits."""
