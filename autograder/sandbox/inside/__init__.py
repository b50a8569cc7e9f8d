"""The student's side of the trust boundary: a fork server and its children.

Nothing in this folder imports the rest of ``autograder``. The server loads it as a separate package named ``inside``,
so a child holds no reference, no variant, no judge and no gradebook. See ARCHITECTURE.md, "The trust boundary".
"""
