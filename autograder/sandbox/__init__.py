"""Where a submission runs: `driver` is the trusted side, `inside` is the student's, with walls around it."""
