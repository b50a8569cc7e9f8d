"""Reading submissions: rebuilt from the instructor's copy, and read without running them."""
