"""What tensors are to Python alone: copying, pickling, storages, and methods that answer with Python values."""

from __future__ import annotations

import copy
import weakref

from tenon import _functions, _tenon
from tenon._tenon import Parameter, Tensor

# ---- storages ----

_storages: weakref.WeakValueDictionary[int, UntypedStorage] = weakref.WeakValueDictionary()


class UntypedStorage:
    """The bytes that tensors share. Two tensors share memory when their storages are the same object."""

    __slots__ = ("_bytes", "__weakref__")

    _bytes: Tensor  # uint8, shape (nbytes,)

    def __init__(self, size: int = 0) -> None:
        self._bytes = _tenon.empty(size, dtype=_tenon.uint8)

    @property
    def device(self):
        return self._bytes.device

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return self._bytes.data_ptr()

    def nbytes(self) -> int:
        return self._bytes.numel()

    def size(self) -> int:
        return self._bytes.numel()

    def __len__(self) -> int:
        return self._bytes.numel()

    def __getitem__(self, index: int) -> int:
        return int(self._bytes[index])

    def __setitem__(self, index, value) -> None:
        self._bytes[index] = value

    def tolist(self) -> list[int]:
        return self._bytes.tolist()

    def clone(self) -> UntypedStorage:
        return _wrap_storage(self._bytes.clone())

    def __deepcopy__(self, memo: dict) -> UntypedStorage:
        if id(self) in memo:
            return memo[id(self)]
        memo[id(self)] = result = self.clone()
        return result

    def __reduce__(self):
        return _rebuild_storage, (_bytes_of(self._bytes), str(self.device))

    def __repr__(self) -> str:
        return f"UntypedStorage of {len(self)} bytes on {self.device}"


def _wrap_storage(data: Tensor) -> UntypedStorage:
    storage = UntypedStorage.__new__(UntypedStorage)
    storage._bytes = data
    _storages[_tenon._storage_key(data)] = storage
    return storage


def _storage_of(tensor: Tensor) -> UntypedStorage:
    known = _storages.get(_tenon._storage_key(tensor))
    return known if known is not None else _wrap_storage(_tenon._storage_bytes(tensor))


def _bytes_of(data: Tensor) -> bytes:
    return bytes(memoryview(data)) if data.numel() and not data.is_meta else b""


def _rebuild_storage(data: bytes, device: str) -> UntypedStorage:
    if device != "cpu":
        return _wrap_storage(_tenon.empty(len(data), dtype=_tenon.uint8, device=device))
    out = _tenon.empty(len(data), dtype=_tenon.uint8)
    if data:
        memoryview(out)[:] = data
    return _wrap_storage(out)


# ---- copying and pickling ----


def _rebuild(kind, storage, dtype, offset, size, stride, requires_grad, state):
    out = _tenon._tensor_on(storage._bytes, dtype, offset, size, stride)
    return _finish(out, kind, requires_grad, state)


def _rebuild_meta(kind, dtype, size, stride, requires_grad, state):
    out = _tenon._meta_strided(dtype, size, stride)
    return _finish(out, kind, requires_grad, state)


def _finish(out, kind, requires_grad, state):
    if kind is Parameter:
        out = Parameter(out, requires_grad)
    else:
        if kind is not Tensor:
            out = Tensor._make_subclass(kind, out)
        if requires_grad:
            out.requires_grad_(True)
    if state:
        set_state = getattr(kind, "__setstate__", None)
        if set_state is not None:
            set_state(out, state)
        else:
            out.__dict__.update(state)
    return out


def _is_marked(tensor: Tensor) -> bool:
    """Whether it is a parameter by its flag alone: one of a subclass that takes part in calls."""
    return isinstance(tensor, Parameter) and not issubclass(type(tensor), Parameter)


def _rebuild_marked(rebuild, arguments):
    return _mark(rebuild(*arguments))


def _mark(tensor: Tensor) -> Tensor:
    out = Parameter(tensor, tensor.requires_grad)
    out.__dict__.update(tensor.__dict__)
    return out


def reduce_ex(tensor: Tensor, protocol: int):
    """How a tensor is pickled: its storage once, however many tensors share it, and its own geometry."""
    if not tensor.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) can be pickled with their gradient "
            "flag; this one is the result of an op. Pickle tensor.detach() instead."
        )
    kind = type(tensor)
    state = dict(tensor.__dict__)
    plain = _tenon._plain(tensor)
    tail = (tuple(plain.shape), plain.stride(), tensor.requires_grad, state)
    if plain.is_meta:
        made: tuple = (_rebuild_meta, (kind, plain.dtype, *tail))
    else:
        made = (_rebuild, (kind, _storage_of(plain), plain.dtype, plain.storage_offset(), *tail))
    return (_rebuild_marked, made) if _is_marked(tensor) else made


def deepcopy(tensor: Tensor, memo: dict):
    """copy.deepcopy of a leaf: tensors that shared a storage share the copy."""
    if id(tensor) in memo:
        return memo[id(tensor)]
    if not tensor.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
            "moment. This one is the result of an op: copy tensor.detach() instead."
        )
    kind = type(tensor)
    plain = _tenon._plain(tensor)
    if plain.is_meta:
        out = _finish(plain.clone(), kind, tensor.requires_grad, None)
    else:
        storage = copy.deepcopy(_storage_of(plain), memo)
        out = _rebuild(
            kind,
            storage,
            plain.dtype,
            plain.storage_offset(),
            tuple(plain.shape),
            plain.stride(),
            tensor.requires_grad,
            None,
        )
    if _is_marked(tensor):
        out = _mark(out)
    memo[id(tensor)] = out
    if tensor.grad is not None:
        out.grad = copy.deepcopy(tensor.grad, memo)
    state = tensor.__dict__
    if state:
        out.__dict__.update(copy.deepcopy(state, memo))
    return out


# ---- methods ----

_type_names = {
    _tenon.bool: "BoolTensor",
    _tenon.uint8: "ByteTensor",
    _tenon.int8: "CharTensor",
    _tenon.int16: "ShortTensor",
    _tenon.int32: "IntTensor",
    _tenon.int64: "LongTensor",
    _tenon.float16: "HalfTensor",
    _tenon.bfloat16: "BFloat16Tensor",
    _tenon.float32: "FloatTensor",
    _tenon.float64: "DoubleTensor",
    _tenon.complex64: "ComplexFloatTensor",
    _tenon.complex128: "ComplexDoubleTensor",
}


def _type(self: Tensor, dtype=None, non_blocking: bool = False):
    """The name of the tensor's type, or the tensor as another type, which may be a dtype, a name or a class."""
    if dtype is None:
        prefix = str(self.dtype).partition(".")[0]
        return f"{prefix}.{_type_names[self.dtype]}"
    if isinstance(dtype, str):
        name = dtype.rpartition(".")[2]
        found = [d for d, n in _type_names.items() if n == name]
        if not found or ".cuda." in dtype:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = found[0]
    return self.to(getattr(dtype, "dtype", dtype))


def _cpu(self: Tensor, memory_format=None) -> Tensor:
    """The tensor on the CPU: itself when it is there."""
    return self if self.is_cpu else self.to("cpu")


def _cuda(self: Tensor, device=None, non_blocking: bool = False, memory_format=None) -> Tensor:
    """Raises: this build has no CUDA device."""
    return self.to("cuda" if device is None else device)


def _reversed(self: Tensor) -> Tensor:
    return self if self.dim() == 0 else self.flip(0)


def _map_(self: Tensor, tensor: Tensor, callable) -> Tensor:
    """Writes callable(a, b) of the elements of both into this tensor."""
    other = tensor.expand_as(self).reshape(-1).tolist()
    values = [callable(a, b) for a, b in zip(self.reshape(-1).tolist(), other, strict=True)]
    return self.copy_(_tenon.tensor(values, dtype=self.dtype).reshape(self.shape))


def _apply_(self: Tensor, callable) -> Tensor:
    """Writes callable(a) of each element into this tensor; slow, for trying things out."""
    values = [callable(a) for a in self.reshape(-1).tolist()]
    return self.copy_(_tenon.tensor(values, dtype=self.dtype).reshape(self.shape))


def _untyped_storage(self: Tensor) -> UntypedStorage:
    """The bytes the tensor lies in."""
    return _storage_of(_tenon._plain(self))


_methods = {
    "type": _type,
    "cpu": _cpu,
    "cuda": _cuda,
    "untyped_storage": _untyped_storage,
    "__reversed__": _reversed,
    "apply_": _apply_,
    "map_": _map_,
    "equal": _functions.equal,
    "isclose": _functions.isclose,
    "allclose": _functions.allclose,
    "unique": _functions.unique,
    "unique_consecutive": _functions.unique_consecutive,
    "is_nonzero": _functions.is_nonzero,
    "nonzero": _functions.nonzero,
    "__array_priority__": 1000,  # NumPy's operators leave the work to ours
    "layout": _tenon.strided,
}


for _name, _value in _methods.items():
    setattr(Tensor, _name, _value)
