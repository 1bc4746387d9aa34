"""Pictures: what is committed is what the script writes, and what they show is true of layers whose sets are known."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import normspec
from normspec.layers import SPECS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
FILES = tuple(sorted(FOLDER.glob("*.svg")))
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SMALL = 60_000


@pytest.fixture
def docs(monkeypatch):
    """Give the scripts' modules by name."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    return import_module


def test_what_is_committed_is_what_the_script_writes():
    done = subprocess.run([sys.executable, ROOT / "docs" / "pictures.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_picture_is_there_in_both_themes():
    stems = {f"axes-{layer.replace('_', '-')}" for layer in SPECS} | {"errors-layer-norm", "errors-batch-norm", "grades"}
    assert {path.stem for path in FILES} == stems | {f"{stem}-dark" for stem in stems}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_its_text_is_text(path):
    assert path.stat().st_size < SMALL
    root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert root.findall(".//{*}text")
    assert not root.findall(".//{*}date")


@pytest.mark.parametrize("path", [path for path in FILES if not path.stem.endswith("-dark")], ids=lambda path: path.stem)
def test_themes_differ_in_colours_alone(path):
    light, dark = (p.read_text(encoding="utf-8") for p in (path, path.with_stem(f"{path.stem}-dark")))
    assert light != dark
    assert re.sub("#[0-9a-f]{6}", "#", unhashed(light)) == re.sub("#[0-9a-f]{6}", "#", unhashed(dark))


def unhashed(text):
    """Give a picture without the names of what it defines, which are made from it."""
    return re.sub(r"\b[hm][0-9a-f]{10}\b", "", text)


def test_every_picture_that_a_page_shows_is_there_and_every_one_is_shown():
    shown = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for path in re.findall(r'(?:src|srcset)="([^"]+\.svg)"', text):
            shown.add((page.parent / path).resolve())
        assert all(re.findall(r'<img alt="([^"]*)"', text))
    assert shown == set(FILES)


def meeting(docs, native, *, rank=3, **changed):
    """Give the indices (sample, channel, place) of what meets with (0, 2, 0), of 4 by 6 by 4."""
    spec = replace(normspec.read(native, rank=rank), **changed)
    return {tuple(map(int, index)) for index in np.argwhere(docs("drawing.sets").sharing(spec, rank).meeting)}


def test_batch_norm_takes_the_same_channel(docs):
    assert meeting(docs, "torch.nn.BatchNorm1d(6)") == {(n, 2, p) for n in range(4) for p in range(4)}
    assert meeting(docs, "torch.nn.BatchNorm2d(6)", rank=4) == {(n, 2, p) for n in range(4) for p in range(4)}
    assert meeting(docs, "keras.layers.BatchNormalization()") == {(n, 2, p) for n in range(4) for p in range(4)}


def test_layer_norm_takes_the_same_sample_or_place(docs):
    assert meeting(docs, "torch.nn.LayerNorm((6, 4))") == {(0, c, p) for c in range(6) for p in range(4)}
    assert meeting(docs, "torch.nn.LayerNorm(6)") == {(0, c, 0) for c in range(6)}


def test_group_norm_takes_the_same_sample_and_group(docs):
    assert meeting(docs, "torch.nn.GroupNorm(3, 6)") == {(0, c, p) for c in (2, 3) for p in range(4)}
    assert meeting(docs, "torch.nn.GroupNorm(3, 6)", grouping="interleaved") == {(0, c, p) for c in (2, 5) for p in range(4)}


def test_instance_norm_takes_the_same_sample_and_channel(docs):
    assert meeting(docs, "torch.nn.InstanceNorm1d(6)") == {(0, 2, p) for p in range(4)}


def test_a_window_is_as_long_before_as_behind(docs):
    assert meeting(docs, "torch.nn.LocalResponseNorm(3)") == {(0, c, 0) for c in (1, 2, 3)}


def test_an_observed_feature_is_of_what_was_observed(docs):
    of = docs("drawing.sets").sharing_of("feature_norm")
    assert of.observed
    assert {tuple(map(int, index)) for index in np.argwhere(of.meeting)} == {(n, 2, p) for n in range(4) for p in range(4)}
    assert not docs("drawing.sets").sharing_of("batch_renorm").observed


def test_words_are_of_blocks(docs):
    sets = docs("drawing.sets")
    assert sets.words(sets.sharing_of("ghost_batch_norm")) == "2 of 4 samples, its channel, all 4 places"
    cross = "all 4 samples, its channel, its place, and its sample, all 6 channels, its place"
    assert sets.words(sets.sharing_of("batch_layer_norm")) == cross


def test_curves_are_told_apart_by_how_they_grow(docs):
    curves = docs("drawing.curves")
    told = {"implementation": "", "version": "", "variance": "two_pass", "ratios": (1, 4, 16, 64), "bounds": (1e-6, 4e-6, 16e-6, 64e-6)}
    kinds = {
        (1e-7, 2e-7, 1e-7, 2e-7): "flat",
        (1e-7, 4e-7, 16e-7, 64e-7): "within",
        (1e-7, 2e-7, 1e-7, 65e-6): "beyond",
        (1e-7, 2e-7, 1e-7, float("inf")): "beyond",
    }
    assert {errors: curves.Curve(errors=errors, **told).kind for errors in kinds} == kinds
