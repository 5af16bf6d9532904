"""What the kernel offers to shut a process in."""
