"""The sandbox: `driver` is the trusted side, and `inside` is the student's side, surrounded by walls."""
