"""From a submission to a result, and which known mistake it is."""
