"""Make editions of a chapter with different personal constants, and assign them to students."""
