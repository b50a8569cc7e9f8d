"""Run a submission on the student's side of the trust boundary: a fork server and its children.

Nothing in this folder imports the rest of ``autograder``. The server loads this folder as a separate package named
``inside``, so a child's memory contains no reference, variant, judge, or gradebook. See ARCHITECTURE.md, "The trust
boundary".
"""
