"""When two executions of a notebook say the same, and which of them is kept."""
