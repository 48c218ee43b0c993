"""The recorded graph: ``tensor.grad_fn`` is a Node."""

from tenon._tenon import Node

__all__ = ["Node"]
