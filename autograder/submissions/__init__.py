"""Read submissions without running them, and rebuild them from the instructor's copy."""
