"""Read chapters: their texts, the instructor's copy with its exercises and claims, and the known answers."""
