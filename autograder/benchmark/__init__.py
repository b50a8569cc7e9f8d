"""How fast the grader is: classes beside stock nbgrader, and the commands that somebody waits for."""
