"""The limits of dtypes: finfo and iinfo."""

from __future__ import annotations

from tenon import _tenon

# bits, eps, max, smallest normal number, resolution
_floating = {
    _tenon.float16: (16, 2.0**-10, 65504.0, 2.0**-14, 1e-3),
    _tenon.bfloat16: (16, 2.0**-7, (2 - 2.0**-7) * 2.0**127, 2.0**-126, 1e-2),
    _tenon.float32: (32, 2.0**-23, (2 - 2.0**-23) * 2.0**127, 2.0**-126, 1e-6),
    _tenon.float64: (64, 2.0**-52, (2 - 2.0**-52) * 2.0**1023, 2.0**-1022, 1e-15),
}
_integral = {
    _tenon.uint8: (8, False),
    _tenon.int8: (8, True),
    _tenon.int16: (16, True),
    _tenon.int32: (32, True),
    _tenon.int64: (64, True),
}


class finfo:
    """The limits of a floating dtype; of a complex dtype those of its parts. Without one, of the default."""

    __slots__ = ("bits", "eps", "max", "min", "smallest_normal", "resolution", "dtype", "_name")

    def __init__(self, type=None) -> None:
        given = _tenon.get_default_dtype() if type is None else type
        real = given.to_real() if getattr(given, "is_complex", False) else given
        if real not in _floating:
            raise TypeError(f"finfo() requires a floating point input type. Use iinfo to handle '{given}'")
        self.bits, self.eps, self.max, self.smallest_normal, self.resolution = _floating[real]
        self.min = -self.max
        self._name = real
        self.dtype = str(real).partition(".")[2]

    @property
    def tiny(self) -> float:
        return self.smallest_normal

    def __eq__(self, other) -> bool:
        return isinstance(other, finfo) and other._name is self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """The limits of an integer dtype."""

    __slots__ = ("bits", "max", "min", "dtype", "_name")

    def __init__(self, type) -> None:
        if type not in _integral:
            raise TypeError(f"iinfo() requires an integer input type. Use finfo to handle '{type}'")
        self.bits, signed = _integral[type]
        self.min = -(1 << (self.bits - 1)) if signed else 0
        self.max = (1 << (self.bits - signed)) - 1
        self._name = type
        self.dtype = str(type).partition(".")[2]

    def __eq__(self, other) -> bool:
        return isinstance(other, iinfo) and other._name is self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
