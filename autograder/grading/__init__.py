"""Turn a submission into a result, and identify its known mistakes."""
