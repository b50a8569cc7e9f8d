"""Run submissions in a sandbox: `driver` is the trusted side; `inside` runs the student's code in isolation."""
