"""What the book counts: how long the two ways through it take, and what stands behind a point."""
