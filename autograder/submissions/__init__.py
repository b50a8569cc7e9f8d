"""What was handed in: put together again from the instructor's copy, and read without running it."""
