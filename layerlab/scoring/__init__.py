"""Judge exercises in a learner's own notebook, under the public seed, as the grader judges them under a secret one."""
