"""Where chapters are read: texts, the instructor's copy, its exercises and claims, and the known answers."""
