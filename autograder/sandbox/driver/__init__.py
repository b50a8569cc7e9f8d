"""The trusted side of a run: fork servers, the messages of a child, and how long it may take."""
