"""Review a graded class: points that changed, and answers that are unusually alike."""
