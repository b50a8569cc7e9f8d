"""What is made or counted now and then: the cover, coverage, module tables, benchmarks."""
