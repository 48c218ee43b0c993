"""FloatTensor, LongTensor and their kin: constructors and types of old programs."""

from __future__ import annotations

from tenon import _tenon


class _TensorKind(type):
    """A tensor is an instance of the kind that names its dtype."""

    dtype: _tenon.dtype

    def __instancecheck__(cls, instance) -> bool:
        return isinstance(instance, _tenon.Tensor) and instance.dtype is cls.dtype

    def __call__(cls, *args, device=None):
        if not args:
            return _tenon.empty(0, dtype=cls.dtype, device=device)
        first = args[0]
        sizes = all(isinstance(a, int) and not isinstance(a, bool) for a in args)
        if sizes or isinstance(first, _tenon.Size):
            return _tenon.empty(*args, dtype=cls.dtype, device=device)
        if isinstance(first, _tenon.Tensor) and first.dtype is cls.dtype:
            return first.detach()
        if isinstance(first, float):
            raise TypeError("new(): data must be a sequence (got float)")
        return _tenon.tensor(first, dtype=cls.dtype, device=device)

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__name__}'>"


def _kind(name: str, dtype):
    doc = f"Tensors of {dtype} on the CPU: {name}(*sizes) has unspecified values, {name}(data) copies."
    return _TensorKind(name, (), {"dtype": dtype, "__module__": "tenon", "__doc__": doc})


BoolTensor = _kind("BoolTensor", _tenon.bool)
ByteTensor = _kind("ByteTensor", _tenon.uint8)
CharTensor = _kind("CharTensor", _tenon.int8)
ShortTensor = _kind("ShortTensor", _tenon.int16)
IntTensor = _kind("IntTensor", _tenon.int32)
LongTensor = _kind("LongTensor", _tenon.int64)
HalfTensor = _kind("HalfTensor", _tenon.float16)
BFloat16Tensor = _kind("BFloat16Tensor", _tenon.bfloat16)
FloatTensor = _kind("FloatTensor", _tenon.float32)
DoubleTensor = _kind("DoubleTensor", _tenon.float64)
