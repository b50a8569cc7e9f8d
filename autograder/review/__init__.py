"""Review a graded class: show points that changed, and export answers to tools that find copies."""
