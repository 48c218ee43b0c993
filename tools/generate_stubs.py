"""Writes python/tenon/_tenon.pyi: the types of the extension, with the ops from their records.

    generate_stubs.py OUTPUT

Fails when the extension has a public name that the stub would lack.
"""

from __future__ import annotations

import keyword
import pathlib
import sys
import types

from tenon import _tenon

BASE = pathlib.Path(__file__).with_name("stub_base.pyi")
BINARY = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift divmod"
TYPES = {
    "bool": "_bool",
    "int": "_int",
    "float": "_float",
    "scalar": "_Number",
    "str": "_str",
    "dtype": "_DType",
    "device": "_Device",
    "dim": "_int",
    "dims": "_Sizes | _int",
    "generator": "Generator | None",
}


def annotation(p: dict) -> str:
    if p["kind"] == "input_list":
        return "Sequence[Tensor | None]" if p["takes_none"] else "Sequence[Tensor]"
    if p["kind"] != "attribute":
        text = "Tensor | _Number" if p["takes_number"] else "Tensor"
        return text if p["kind"] == "input" else text + " | None"
    kind = p["type"]
    return TYPES[kind[:-1]] + " | None" if kind.endswith("?") else TYPES[kind]


def declared(p: dict) -> str:
    name = p["name"] + "_" if keyword.iskeyword(p["name"]) else p["name"]
    return f"{name}: {annotation(p)}" + ("" if p["required"] else " = ...")


def parameter_lists(op: dict, method: bool, out: bool) -> list[str]:
    """The ways to call an op: one, or two where sizes may be given one by one."""
    parameters = op["parameters"][1:] if method else op["parameters"]
    if any(p["kind"] == "optional_input" for p in parameters):
        # An input that may be left out may be followed by one that may not: by keyword only.
        seen_optional = False
        fixed = []
        for p in parameters:
            seen_optional = seen_optional or not p["required"]
            fixed.append({**p, "keyword": p["keyword"] or (p["required"] and seen_optional)})
        parameters = fixed
    positional = [p for p in parameters if not p["keyword"]]
    keywords = [declared(p) for p in parameters if p["keyword"]]
    if out:
        keywords.append(f"out: {'Tensor' if len(op['outputs']) == 1 else 'Sequence[Tensor]'} | None = ...")
    if "creation" in op["traits"] or op["name"].endswith("_like"):
        extra = ["requires_grad: _bool = ...", "layout: _Layout | None = ...", "pin_memory: _bool = ..."]
        extra.append("memory_format: memory_format | None = ...")
        named = {p["name"] for p in parameters}
        keywords += [e for e in extra if e.split(":")[0] not in named]
    first = ["self"] if method else []
    plain = first + [declared(p) for p in positional] + (["*", *keywords] if keywords else [])
    ways = [", ".join(plain)]
    if positional and positional[-1]["kind"] == "input_list" and len(positional) == 1:
        ways.append(", ".join([*first, f"*{positional[-1]['name']}: Tensor", *keywords]))
    elif positional and positional[-1]["variadic"]:
        spread = [declared(p) for p in positional[:-1]] + [f"*{positional[-1]['name']}: _int"]
        ways.append(", ".join(first + spread + keywords))
    return ways


class Results:
    """Named tuples of ops with several named outputs, one per set of names."""

    def __init__(self) -> None:
        self.types: dict[tuple[str, ...], str] = {}

    def of(self, op: dict) -> str:
        if "list_output" in op["traits"]:
            return "tuple[Tensor, ...]"
        names = tuple(name for name, *_ in op["outputs"])
        if len(names) == 1:
            return "Tensor"
        if not all(names):
            return f"tuple[{', '.join(['Tensor'] * len(names))}]"
        return self.types.setdefault(names, "_" + "_".join(names))

    def text(self) -> list[str]:
        lines = []
        for names, kind in sorted(self.types.items()):
            lines += [f"class {kind}(NamedTuple):", *(f"    {n}: Tensor" for n in names), ""]
        return lines


def definitions(name: str, ops: list[dict], results: Results, method: bool, inplace: bool) -> list[str]:
    """The overloads of one callable, in the order in which they are tried."""
    indent = "    " if method else ""
    lines = []
    ways = []
    for op in ops:
        out = "out" in op["forms"] and not inplace and not method
        returned = ("Self" if method else "Tensor") if inplace else results.of(op)
        ways += [(way, returned) for way in parameter_lists(op, method, out)]
    ways = list(dict.fromkeys(ways))
    for way, returned in ways:
        if len(ways) > 1:
            lines.append(f"{indent}@overload")
        lines.append(f"{indent}def {name}({way}) -> {returned}: ...")
    return lines


def operators() -> list[str]:
    lines = []
    for name in BINARY.split():
        result = "tuple[Tensor, Tensor]" if name == "divmod" else "Tensor"
        lines.append(f"    def __{name}__(self, other: Any) -> {result}: ...")
        lines.append(f"    def __r{name}__(self, other: Any) -> {result}: ...")
        if name not in ("matmul", "divmod"):
            lines.append(f"    def __i{name}__(self, other: Any) -> Self: ...")
    lines += [f"    def __{n}__(self, other: Any) -> Tensor: ..." for n in ("eq", "ne")]
    lines += [f"    def __{n}__(self, other: Any) -> Tensor: ..." for n in ("lt", "le", "gt", "ge")]
    lines += [f"    def __{n}__(self) -> Tensor: ..." for n in ("neg", "pos", "abs", "invert")]
    return lines


def submodules() -> list[str]:
    """The classes and functions of the extension's submodules, whose parameters are not known here."""
    lines = []
    for name, part in sorted(vars(_tenon).items()):
        if not isinstance(part, types.ModuleType) or name.startswith("_") or name == "return_types":
            continue
        lines.append(f"class {name}(metaclass=_Namespace):")
        kinds = [k for k in vars(part).values() if isinstance(k, type)]
        for kind in sorted(kinds, key=lambda k: (len(k.__mro__), k.__name__)):
            base = kind.__base__.__name__ if kind.__base__ in kinds else ""
            lines.append(f"    class {kind.__name__}({base}):" if base else f"    class {kind.__name__}:")
            lines.append("        def __init__(self, *args: Any, **kwargs: Any) -> None: ...")
            if not base:
                lines.append("        def __getattr__(self, name: _str) -> Any: ...")
                lines.append("        def __setattr__(self, name: _str, value: Any) -> None: ...")
                if any("__call__" in vars(k) for k in kind.__mro__):
                    lines.append("        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...")
                if hasattr(kind, "__iter__"):
                    lines.append("        def __iter__(self) -> Iterator[Any]: ...")
        functions = [n for n, f in vars(part).items() if callable(f) and not isinstance(f, type)]
        for function in sorted(functions):
            lines += ["    @staticmethod", f"    def {function}(*args: Any, **kwargs: Any) -> Any: ..."]
    return lines


def generate() -> str:
    groups: dict[str, list[dict]] = {}
    for op in _tenon._signatures():
        groups.setdefault(op["name"], []).append(op)
    results = Results()
    functions: list[str] = []
    methods: list[str] = []
    for name in sorted(groups):
        for suffix, form, is_method in (
            ("", "function", False),
            ("", "method", True),
            ("_", "inplace", True),
        ):
            ops = [op for op in groups[name] if form in op["forms"]]
            if ops:
                target = methods if is_method else functions
                target += definitions(name + suffix, ops, results, is_method, form == "inplace")
        if hasattr(_tenon, name + "_") and "inplace" in groups[name][0]["forms"]:
            functions += definitions(name + "_", groups[name], results, False, True)
    base = BASE.read_text()
    by_hand = base.partition("class Tensor:")[2].splitlines()
    written = {line.split("(")[0].split()[-1] for line in by_hand if line.startswith("    def ")}
    methods = without(methods, written)
    public = "".join(f'    "{name}",\n' for name in _tenon.__all__)
    base = base.replace("# <all>", f"__all__ = [\n{public}]")
    base = base.replace("# <submodules>", "\n".join(submodules()))
    text = base.replace("    # <operators>", "\n".join(operators())).replace(
        "    # <methods>", "\n".join(methods)
    )
    text = "# Generated by tools/generate_stubs.py from the op records: run `make generate`.\n" + text
    return text + "\n" + "\n".join(results.text() + functions) + "\n"


def without(lines: list[str], names: set[str]) -> list[str]:
    """The definitions, except of what is written by hand."""
    kept: list[str] = []
    for line in lines:
        name = line.split("(")[0].split()[-1]
        if name in names:
            if kept and kept[-1].strip() == "@overload":
                kept.pop()
            continue
        kept.append(line)
    return kept


def missing(text: str) -> list[str]:
    """Public names of the extension and of Tensor that the stub does not have."""
    module: set[str] = set()
    inside: set[str] = set()
    in_tensor = False
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            in_tensor = line.startswith("class Tensor:")
        words = line.strip().replace("def ", "").replace("class ", "").split("(")[0].split(":")[0]
        (inside if in_tensor and line.startswith("    ") else module).add(words)
    lacks = [n for n in dir(_tenon) if not n.startswith("_") and n not in module]
    known = dir(object)
    lacks += [
        f"Tensor.{n}"
        for n in dir(_tenon.Tensor)
        if not n.startswith("_") and n not in known and n not in inside
    ]
    return lacks


def main() -> int:
    text = generate()
    lacks = missing(text)
    if lacks:
        print(f"generate_stubs: write the types of {', '.join(lacks)} into {BASE}", file=sys.stderr)
        return 1
    pathlib.Path(sys.argv[1]).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
