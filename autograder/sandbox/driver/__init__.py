"""The trusted side of a run: fork servers, messages from a child, and time limits."""
