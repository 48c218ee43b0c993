"""The generic suite of ops: what an op declares (`declare`), and the tools of the tests that read it.

Samples are in `op_samples/<family>.py`; the tests are `test_op_*.py`. `docs/add-an-op.md` shows an entry.
"""
