"""Run submissions from the trusted side: start fork servers, read a child's messages, and enforce time limits."""
