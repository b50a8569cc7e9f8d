"""What is made or counted now and then: the cover, module tables, benchmarks."""
