"""Files from anywhere are parsed, never executed: each gets rows or one clear error, in bounded time and memory."""

import io
import json
import pickle
import struct
import sys
import time
import tracemalloc
import zipfile

import pytest

from normspec import InvalidInput, NormspecError
from normspec.audit import archive, wire
from normspec.audit.audit import audit


def refused(path, said, *, seconds=10.0):
    """Assert that a file is refused by this message, soon."""
    began = time.process_time()
    with pytest.raises(InvalidInput, match=said):
        audit(path)
    assert time.process_time() - began < seconds


def in_little_memory(read):
    """Give what is read, and assert that it takes no more than a few MiB."""
    tracemalloc.start()
    try:
        found = read()
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()
    return found


# ---- messages of ONNX, written by hand


def number(value):
    """Give an integer as the wire has it."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def part(field, content):
    """Give a field of bytes."""
    content = content.encode() if isinstance(content, str) else content
    return number(field << 3 | 2) + number(len(content)) + content


OPSET = part(8, number(2 << 3) + number(21))
NODE = part(1, part(1, "x") + part(2, "y") + part(4, "MeanVarianceNormalization") + part(3, "n"))


def model(graph=NODE, opset=OPSET):
    return opset + part(7, graph)


@pytest.fixture
def onnx_file(tmp_path):
    def written(content):
        path = tmp_path / "model.onnx"
        path.write_bytes(content)
        return path

    return written


def test_what_is_written_by_hand_is_read(onnx_file):
    (row,) = audit(onnx_file(model()))
    assert (row.name, row.read.spec.layer) == ("n", "mean_variance_norm")


def nested(depth):
    """Give a graph with a graph in an attribute of its node, and so on."""
    graph = NODE
    for _ in range(depth):
        graph = part(1, part(4, "If") + part(5, part(1, "then_branch") + part(6, graph)))
    return graph


HUGE = 2**31 - 1
BROKEN = {
    "a name of 2 GB that is not there": (
        OPSET + number(7 << 3 | 2) + number(HUGE) + b"abc",
        "field 7 says 2147483647 bytes, and 3 are left",
    ),
    "one of 2^63": (OPSET + number(7 << 3 | 2) + number(2**63) + b"abc", "field 7 says 9223372036854775808 bytes"),
    "a long name": (model(part(1, part(4, "N" * 5000))), "name must have at most 4096 bytes, got 5000"),
    "a name that is no text": (model(part(1, part(4, b"\xff\xfe"))), "name must be UTF-8"),
    "a number without an end": (b"\x80" * 3 + b"\xff" * 20, "a pickle"),
    "a number too long": (b"\x08" + b"\xff" * 20, "numbers of at most 10 bytes"),
    "a number cut off": (model() + b"\x08\xff", "it ends within a number"),
    "an unknown type": (model() + b"\x0b", "fields of known types, got number 1 of type 3"),
    "a field without a number": (model() + b"\x02\x00", "fields of known types, got number 0 of type 2"),
    "graphs within graphs": (model(nested(17)), "at most 16 deep"),
    "many graphs within graphs": (model(nested(2000)), "at most 16 deep"),
    "a number for a graph": (OPSET + number(7 << 3) + b"\x01", "a message where one stands, got a number"),
    "a number for a name": (model(part(1, number(4 << 3) + b"\x01")), "a text where a name stands, got a number"),
    "many numbers": (model(part(1, part(4, "LRN") + part(5, part(1, "a") + part(8, b"\x01" * 9999)))), "at most 64 integers"),
    "many numbers, one by one": (model(part(1, part(4, "LRN") + part(5, b"\x40\x01" * 9999))), "at most 64 integers"),
    "a float of no bits": (model(part(1, part(5, part(2, "")))), "a float of 32 bits"),
    "no graph": (OPSET, "one without a graph or an opset"),
    "no opset": (part(7, NODE), "one without a graph or an opset"),
    "nothing": (b"", "must have from 1 to 2147483648 bytes, as an ONNX file has, got 0"),
    "a pickle": (pickle.dumps({"model": 1}), "a pickle, and to read it would be to run it"),
    "a zip archive": (b"PK\x03\x04" + b"\0" * 100, "must be an ONNX file: got a zip archive"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "got HDF5"),
    "text": (b"not a model at all", "must be an ONNX file"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_onnx_file_is_refused(what, onnx_file):
    content, said = BROKEN[what]
    path = onnx_file(content)
    in_little_memory(lambda: refused(path, said))


def test_an_onnx_file_cut_anywhere_is_refused(onnx_file):
    whole = model()
    for length in range(1, len(whole)):
        refused(onnx_file(whole[:length]), "must be")


def test_an_onnx_file_with_any_byte_changed_is_read_or_refused(onnx_file):
    whole = model(
        NODE + part(1, part(1, "y") + part(4, "LRN") + part(5, part(1, "size") + b"\x18\x05") + part(5, part(1, "beta") + b"\x15abcd"))
    )
    for k in range(len(whole)):
        for value in (0, 1, 0x7F, 0x80, 0xFF, whole[k] ^ 8):
            changed = bytearray(whole)
            changed[k] = value
            try:
                audit(onnx_file(bytes(changed)))
            except NormspecError:
                continue


def test_an_onnx_file_of_nothing_but_fields_is_refused_in_time(onnx_file):
    refused(onnx_file(OPSET + b"\x08\x01" * (wire.MOST_FIELDS + 1)), "fewer fields", seconds=60)


def test_an_onnx_file_of_norms_alone_is_refused_in_time(onnx_file):
    refused(onnx_file(model(NODE * 10_001)), "at most 10000 normalization layers, got 10001")


def test_an_onnx_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.truncate(2**31 + 1)
    refused(path, "must have from 1 to 2147483648 bytes")


def test_weights_are_not_read_into_memory(tmp_path):
    path, size = tmp_path / "model.onnx", 2**28
    weight = number(9 << 3 | 2) + number(size)
    tensor = number(5 << 3 | 2) + number(len(weight) + size) + weight
    with path.open("wb") as file:
        file.write(OPSET + number(7 << 3 | 2) + number(len(NODE) + len(tensor) + size) + NODE + tensor)
        file.truncate(file.tell() + size)
    assert len(in_little_memory(lambda: audit(path))) == 1


# ---- archives of Keras


def layer(kind, name="one", module="keras.layers", **own):
    return {"module": module, "class_name": kind, "config": {"name": name, **own}, "registered_name": None}


NORM = layer("BatchNormalization", axis=-1, momentum=0.9, epsilon=0.1, center=True, scale=True)
CONFIG = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [layer("Dense", "d", use_bias=True), NORM]}}


@pytest.fixture
def keras_file(tmp_path):
    def written(config=CONFIG, members=(), change=lambda content: content, compression=zipfile.ZIP_DEFLATED):
        path, made = tmp_path / "model.keras", io.BytesIO()
        with zipfile.ZipFile(made, "w", compression) as file:
            file.writestr("metadata.json", '{"keras_version": "3.15.1"}')
            file.writestr("config.json", config if isinstance(config, str | bytes) else json.dumps(config))
            for name, content in members:
                file.writestr(name, content)
        path.write_bytes(change(made.getvalue()))
        return path

    return written


def test_what_is_packed_by_hand_is_read(keras_file):
    (row,) = audit(keras_file())
    assert row.read.spec.epsilon == 0.1
    assert [hazard.kind for hazard in row.hazards] == ["redundant-bias"]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\evil", "C:evil"])
def test_names_that_lead_out_are_refused(name, keras_file):
    refused(keras_file(members=[(name, "")]), "must have members with names inside itself")


BAD = {
    "deep lists": ("[" * 100_000 + "]" * 100_000, "at most 100 deep, got 100000"),
    "deep objects": ('{"a":' * 200 + "1" + "}" * 200, "at most 100 deep, got 200"),
    "a bomb": (b" " * (archive.LARGEST_TEXT + 1), "must have at most 16777216 bytes, got 16777217"),
    "no JSON": ("{", "must be JSON"),
    "texts without an end": ('"' + '\\"' * 2_000_000, "must be JSON"),
    "a number without an end": ("1" * 10_000, "must be JSON"),
    "no UTF-8": (b'"\xff"', "must be"),
    "a list": ("[]", "must be an object with class_name and config"),
    "another object": ("{}", "must be an object with class_name and config"),
    "names of other types": ('{"class_name": 1, "config": {}}', "must be an object with class_name and config"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_configuration_is_refused(what, keras_file):
    config, said = BAD[what]
    path = keras_file(config)
    in_little_memory(lambda: refused(path, said))


def test_an_archive_that_lies_about_sizes_is_refused(keras_file):
    """It says 100 bytes, and would give 64 MiB."""
    bomb, told = b" " * 2**26, struct.pack("<L", 2**26)

    def lying(content):
        return content.replace(told, struct.pack("<L", 100))

    path = keras_file(bomb, change=lying)
    del bomb
    in_little_memory(lambda: refused(path, "must be a whole zip archive"))


def test_an_archive_that_says_more_than_there_is_is_refused(keras_file):
    config = json.dumps(CONFIG)
    told = struct.pack("<L", len(config))
    refused(keras_file(config, change=lambda content: content.replace(told, struct.pack("<L", len(config) + 7))), "must have the|whole zip")


def encrypted(content):
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    return content[: at + 8] + b"\x01" + content[at + 9 :]


ARCHIVES = {
    "cut": (lambda content: content[:-30], "must be a whole zip archive"),
    "cut early": (lambda content: content[:50], "must be a whole zip archive"),
    "a pickle": (lambda _: pickle.dumps({"a": 1}), "must be a zip archive, as a .keras file is, and begins otherwise"),
    "HDF5": (lambda _: b"\x89HDF\r\n\x1a\n", "begins otherwise"),
    "nothing": (lambda _: b"", "begins otherwise"),
    "encrypted": (encrypted, "must be stored or deflated, and not encrypted"),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_a_broken_archive_is_refused(what, keras_file):
    change, said = ARCHIVES[what]
    refused(keras_file(change=change), said)


def test_an_archive_cut_or_changed_anywhere_is_read_or_refused(keras_file):
    whole = keras_file().read_bytes()
    for k in range(0, len(whole), 2):
        for value in (0, 0xFF, whole[k] ^ 1):
            try:
                audit(keras_file(change=lambda content, k=k, value=value: content[:k] + bytes([value]) + content[k + 1 :]))
            except NormspecError:
                continue


def test_many_members_are_refused_unread(keras_file):
    path = keras_file(members=[(f"{k}", "") for k in range(30_000)])
    refused(path, "a list of members of at most 1048576 bytes")


def test_a_long_list_of_members_in_the_record_of_64_bits_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, 2**40, 4)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 4, 1)
    path.write_bytes(b"PK\x03\x04" + record + locator + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, 2**32 - 1, 2**32 - 1, 0))
    refused(path, "a list of members of at most 1048576 bytes, got 1099511627776")


def test_members_that_stand_twice_are_refused(keras_file):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = keras_file(members=[("config.json", "{}")])
    refused(path, "must have each member once, got 'config.json' twice")


def test_other_compressions_are_refused(keras_file):
    refused(keras_file(compression=zipfile.ZIP_LZMA), "must be stored or deflated")


def test_weights_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(1))
    refused(path, "must have a member config.json, got archive/data.pkl")


def test_nothing_is_imported_or_run(keras_file, tmp_path, monkeypatch):
    """A class of a module of one's own, and a lambda, which Keras would import and run."""
    (tmp_path / "evil_norm_module.py").write_text("raise SystemExit('it was imported')")
    monkeypatch.syspath_prepend(tmp_path)
    own = layer("EvilNorm", "own", module="evil_norm_module")
    code = layer("Lambda", "code", function={"class_name": "__lambda__", "config": {"code": "4wAAAAA="}})
    rows = audit(keras_file({**CONFIG, "config": {"layers": [own, code, NORM]}}))
    assert [(row.name, row.read is None) for row in rows] == [("own", True), ("one", False)]
    assert "evil_norm_module" not in sys.modules


def leaves(data, path=()):
    """Give the path of every value in lists and objects."""
    yield path
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from leaves(value, (*path, key))


def put(data, path, value):
    if not path:
        return value
    copy = data.copy()
    copy[path[0]] = put(data[path[0]], path[1:], value)
    return copy


STRANGE = (None, [], {}, "x", "\x1b[2J", 10**300, -1, 0, 1e400, float("nan"), [1] * 5, ["x"], True, {"class_name": "y", "config": {}}, NORM)
WITH_ALL = [
    {
        **layer("Conv2D", "c", use_bias=True, data_format="channels_first", activation="relu"),
        "build_config": {"input_shape": [None, 4, 4, 3]},
    },
    {**NORM, "build_config": {"input_shape": [None, 4, 4, 3]}},
    layer("Dropout", "p", rate=0.5),
    layer("GroupNormalization", "g", groups=2, axis=-1, beta_initializer={"class_name": "Zeros", "config": {}}),
    layer("LayerNormalization", "l", axis=[-1], epsilon=0.1),
    layer("SpectralNormalization", "sn", power_iterations=1, layer=layer("Dense", "inner")),
    layer("Normalization", "n", axis=[-1], mean=[1.0], variance=[1.0]),
]


@pytest.mark.parametrize("kind", ["Sequential", "Functional"])
def test_strange_values_anywhere_in_a_configuration_are_read_or_refused(kind, keras_file):
    inside = [
        {
            **one,
            "name": one["config"]["name"],
            "inbound_nodes": [{"args": [{"config": {"keras_history": [before["config"]["name"], 0, 0]}}]}],
        }
        for before, one in zip([WITH_ALL[-1], *WITH_ALL], WITH_ALL, strict=False)
    ]
    config = {**CONFIG, "class_name": kind, "config": {"layers": inside, "output_layers": [["n", 0, 0]]}}
    assert len(audit(keras_file(config))) == 5
    for k, path in enumerate(leaves(config)):
        for value in STRANGE[k % 4 :: 4]:
            try:
                rows = audit(keras_file(put(config, path, value)), to="torch", steps=3)
            except NormspecError:
                continue
            assert all(row.read is not None or row.reason for row in rows)
