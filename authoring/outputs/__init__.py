"""When two executions of a notebook say the same, and by how much they may differ."""
