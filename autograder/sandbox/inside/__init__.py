"""What runs on a student's side of the boundary: a fork server and its children.

Nothing in this folder imports the rest of ``autograder``; the server loads it as a package of its own named
``inside``, so that a child holds no reference, no variant, no judge and no gradebook. See ARCHITECTURE.md, "The trust
boundary".
"""
