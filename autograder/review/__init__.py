"""Review a graded class: find points that changed, and answers that are unusually alike."""
