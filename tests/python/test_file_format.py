"""A reader of .tenon files that knows docs/file-format.md and nothing else of Tenon.

The field numbers are those of the page's own table, so a page that is wrong fails here.
"""

import pathlib
import re
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/file-format.md").read_text()
SAMPLE = ROOT / "tests/goldens/sample.tenon"

NUMBERS = {"u8": "<B", "bool": "<?", "i32": "<i", "i64": "<q", "u64": "<Q"}
DTYPES = dict(re.findall(r"`Value.(dtype)` \| (.*) \|", PAGE))["dtype"].split(", ")
FORMATS = {"bool": "?", "int64": "q", "float32": "f"}  # of the sample's weights


def fields_of_page():
    """{table: [(number, name, type, default)]} from the page."""
    tables = {}
    for table, row in re.findall(r"^\| `(\w+)` \| (\d .*) \|$", PAGE, re.M):
        fields = re.findall(r"(\d+) (\w+): (\[?\w+\]?)(?: = (-?\d+))?", row)
        tables[table] = [(int(n), name, kind, int(default or 0)) for n, name, kind, default in fields]
        assert [f[0] for f in tables[table]] == list(range(len(fields)))
    return tables


TABLES = fields_of_page()
STRUCTS = {"Size": ("<qiiB7x", "value a b kind"), "Condition": ("<ii", "left right")}


def xxh64(data):
    mask, p = (1 << 64) - 1, (0, 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
    p += (0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)

    def rotate(x, n):
        return ((x << n) | (x >> (64 - n))) & mask

    def lane(accumulator, x):
        return rotate((accumulator + x * p[2]) & mask, 31) * p[1] & mask

    at, h = 0, p[5]
    if len(data) >= 32:
        v = [(p[1] + p[2]) & mask, p[2], 0, -p[1] & mask]
        while at + 32 <= len(data):
            v = [lane(a, x) for a, x in zip(v, struct.unpack_from("<4Q", data, at), strict=True)]
            at += 32
        h = sum(rotate(a, n) for a, n in zip(v, (1, 7, 12, 18), strict=True)) & mask
        for a in v:
            h = ((h ^ lane(0, a)) * p[1] + p[4]) & mask
    h = (h + len(data)) & mask
    while at + 8 <= len(data):
        h = (rotate(h ^ lane(0, struct.unpack_from("<Q", data, at)[0]), 27) * p[1] + p[4]) & mask
        at += 8
    if at + 4 <= len(data):
        h = (rotate(h ^ (struct.unpack_from("<I", data, at)[0] * p[1] & mask), 23) * p[2] + p[3]) & mask
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ (byte * p[5] & mask), 11) * p[1] & mask
    h = (h ^ (h >> 33)) * p[2] & mask
    h = (h ^ (h >> 29)) * p[3] & mask
    return h ^ (h >> 32)


def read_header(file):
    magic, version, zero, length, checksum, size, zero2, zero3, own = struct.unpack_from("<8sIIQQQQQQ", file)
    assert magic == b"\x89TENON\r\n" and version == 0 and own == xxh64(file[:56])
    assert zero == zero2 == zero3 == 0 and size == len(file)
    metadata = file[64 : 64 + length]
    assert checksum == xxh64(metadata)
    return metadata


def number(data, at, kind):
    return struct.unpack_from(NUMBERS[kind], data, at)[0]


def follow(data, at):
    return at + struct.unpack_from("<I", data, at)[0]


def read_table(data, at, name):
    vtable = at - struct.unpack_from("<i", data, at)[0]
    count = (struct.unpack_from("<H", data, vtable)[0] - 4) // 2
    places = struct.unpack_from(f"<{count}H", data, vtable + 4)
    out = {}
    for n, field, kind, default in TABLES[name]:
        place = places[n] if n < count else 0
        if kind in NUMBERS:
            out[field] = number(data, at + place, kind) if place else default
        elif kind == "string":
            out[field] = read_string(data, follow(data, at + place)) if place else ""
        else:
            out[field] = read_vector(data, follow(data, at + place), kind[1:-1]) if place else []
    return out


def read_string(data, at):
    (size,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + 4 + size].decode()


def read_vector(data, at, kind):
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    if kind in NUMBERS:
        return [number(data, at + i * struct.calcsize(NUMBERS[kind]), kind) for i in range(count)]
    if kind in STRUCTS:
        layout, names = STRUCTS[kind]
        each = [struct.unpack_from(layout, data, at + i * struct.calcsize(layout)) for i in range(count)]
        return [dict(zip(names.split(), values, strict=True)) for values in each]
    places = [follow(data, at + 4 * i) for i in range(count)]
    return [read_string(data, p) if kind == "string" else read_table(data, p, kind) for p in places]


def read(path):
    file = path.read_bytes()
    metadata = read_header(file)
    program = read_table(metadata, follow(metadata, 0), "Program")
    for w in program["weights"]:
        assert w["offset"] % 64 == 0
        w["data"] = file[w["offset"] : w["offset"] + w["bytes"]]
        assert xxh64(w["data"]) == w["checksum"]
    return program


def evaluate(function, symbols):
    """The sizes of a call."""
    operations = [
        lambda a, b: a + b,
        lambda a, b: a * b,
        lambda a, b: a // b,
        lambda a, b: a % b,
        min,
        max,
    ]
    out = []
    for s in function["sizes"]:
        if s["kind"] < 2:
            out.append(symbols[s["value"]] if s["kind"] else s["value"])
        else:
            out.append(operations[s["kind"] - 2](out[s["a"]], out[s["b"]]))
    return out


def weight_of(program, function, value):
    storage = function["storages"][value["storage"]]
    weight = program["weights"][function["constants"][storage["index"]]]
    layout = FORMATS[DTYPES[value["dtype"]]]
    return struct.unpack(f"<{weight['bytes'] // struct.calcsize(layout)}{layout}", weight["data"])


def test_header_and_words():
    program = read(SAMPLE)
    assert program["features"] == [] and program["producer"] == "test"
    assert program["labels"] == ["zero", "eins", "två"]
    assert {e["key"]: e["text"] for e in program["metadata"]} == {
        "license": "Apache-2.0",
        "description": "a sample",
    }


def test_a_function():
    program = read(SAMPLE)
    (forward,) = program["functions"]
    values, sizes = forward["values"], evaluate(forward, symbols=[5])

    def shape(v):
        return [sizes[s] for s in values[v]["shape"]]

    assert forward["name"] == "forward"
    assert [shape(v) for v in forward["inputs"] + forward["outputs"]] == [[5, 4], [5, 3]]
    assert [(forward["ops"][s["op"]]["name"], s["kind"]) for s in forward["steps"]] == [
        ("transpose", 1),
        ("mm", 0),
        ("add", 0),
        ("where", 0),
        ("add", 0),
    ]
    dims = forward["ops"][0]["attributes"]
    assert [(a["name"], a["type"], a["numbers"]) for a in dims] == [("dim0", 1, [0]), ("dim1", 1, [1])]
    names = {v["name"]: v for v in values}
    assert weight_of(program, forward, names["w"]) == tuple(range(1, 13))
    assert weight_of(program, forward, names["mask"]) == (True, False, True)
    assert names["0.0"]["weak"] and not names["w"]["weak"]
    # The view of w that the product reads.
    t = names["t"]
    assert t["storage"] == names["w"]["storage"] and [sizes[s] for s in t["strides"]] == [1, 4]
    (slot,) = forward["slots"]
    assert slot["name"] == "count" and values[slot["updated"]]["name"] == "count_1"
    assert struct.unpack("<q", program["weights"][slot["initial"]]["data"]) == (41,)
    assert forward["sources"] == [{"file": "model.py", "function": "forward", "line": 12}]


def test_the_page_and_the_schema_agree():
    schema = (ROOT / "tenon/exec/format.fbs").read_text()
    types = {"ubyte": "u8", "int": "i32", "long": "i64", "ulong": "u64"}
    for table, body in re.findall(r"table (\w+) \{(.*?)\n\}", schema, re.S):
        fields = re.findall(r"(\w+): (\[?)(\w+)(\]?).*?\(id: (\d+)\)", body)
        page = [(name, kind.strip("[]"), str(n)) for n, name, kind, _ in TABLES[table]]
        enums = re.findall(r"enum (\w+)", schema)
        wanted = [
            (name, "u8" if kind in enums else types.get(kind, kind), n) for name, _, kind, _, n in fields
        ]
        assert page == wanted
