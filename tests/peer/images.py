#!/usr/bin/env python3
"""Models whose sources are images or matrices, and the gate on what a decoder looks at, against PyTorch.

  images.py PROGRAM     trains small models of many kinds on images of `toy digits`, or on matrices that NumPy saves, with
                        PROGRAM for a few updates and compares every log-probability (1e-4) and weight (1e-5) of its `score`;
                        exit status 1 when one differs

    (25) x = Conv2d(image, stride P) of an image padded with 0 to whole patches, row by row, + row[r] + column[c];  or W f + b
    (26) c_t = sigmoid(w . q_t + b) c_t        Xu et al. 2015, section 4.2.1

Everything else is network.py's.
"""

import itertools
import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from torch.nn import functional as F

from network import Network, tensor_shapes

UPDATES, PAIRS = 12, 40


def shapes(m, n_source, n_target):
    E, enc = m["embedding"], m["encoder"]
    found = tensor_shapes(m, n_source, n_target)
    del found["encoder.embedding.weight"]
    patch = enc.get("patch", 0)
    found.update({"encoder.patch.weight": (E, patch * patch or enc["features"]), "encoder.patch.bias": (E,)})
    if patch:
        found.update({f"encoder.patch.{way}.weight": (enc["max_side"], E) for way in ("row", "column")})
    if m["attention"].get("gate"):
        found.update({"attention.gate.weight": (1, m["decoder"]["hidden"]), "attention.gate.bias": (1,)})
    return found


class Regions(Network):
    """Called with an image [height, width] from 0 to 1, or a matrix, instead of ids."""

    shapes = staticmethod(shapes)

    def read(self, f):
        """(25) [S, E]"""
        T, P = self.T, self.m["encoder"].get("patch", 0)
        if not P:
            return F.linear(f, T["encoder.patch.weight"], T["encoder.patch.bias"])
        height, width = f.shape
        padded = F.pad(f, (0, -width % P, 0, -height % P))[None, None]
        kernel = T["encoder.patch.weight"].reshape(-1, 1, P, P)
        found = F.conv2d(padded, kernel, T["encoder.patch.bias"], stride=P)[0]  # [E, rows, columns]
        _, rows, columns = found.shape
        found = found + T["encoder.patch.row.weight"][:rows].T[:, :, None]
        found = found + T["encoder.patch.column.weight"][:columns].T[:, None]
        return found.flatten(1).T

    def encode(self, source):
        return super().encode(source[:-1])  # nothing closes regions

    def attend(self, q, h, t, coverage):
        found = super().attend(q, h, t, coverage)
        if not self.m["attention"].get("gate"):
            return found
        gate = torch.sigmoid(self.T["attention.gate.weight"] @ q + self.T["attention.gate.bias"])
        return found._replace(context=gate * found.context)  # (26)

    def __call__(self, f, target):
        x = self.read(f)
        if self.m["encoder"].get("type", "rnn") != "rnn":
            x = x / math.sqrt(self.m["embedding"])  # which embeddings are multiplied by, and regions are not
        self.T["encoder.embedding.weight"] = x
        return super().__call__(list(range(len(x))), target)


def load(path):
    with safe_open(path, "pt") as file:
        meta = file.metadata()
        tensors = {name: file.get_tensor(name).double() for name in file.keys()}
    return Regions(json.loads(meta["config"])["model"], tensors), json.loads(meta["target_vocab"])


def read_pgm(path):
    data = path.read_bytes()
    width, height, most = map(int, re.match(rb"P5\s+(\d+)\s+(\d+)\s+(\d+)\s", data).groups())
    return numpy.frombuffer(data[-width * height :], numpy.uint8).reshape(height, width) / most


def run(*args):
    subprocess.run([str(a) for a in args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_matrices(folder, images):
    """The columns of each image as rows of a matrix; every other one as CSV."""
    paths = []
    for k, path in enumerate(images):
        matrix = numpy.ascontiguousarray(read_pgm(path).T.astype("<f4"))
        paths.append(path.with_suffix(".csv" if k % 2 else ".npy"))
        if k % 2:
            numpy.savetxt(paths[-1], matrix, delimiter=",")
        else:
            numpy.save(paths[-1], matrix)
    (folder / "test.matrices").write_text("".join(f"{p}\n" for p in paths))
    return paths


def compare(program, folder, sets, source, features):
    out, model = folder / "score.jsonl", folder / "model.safetensors"
    options = [x for s in sets for x in ("--set", s)]
    run(program, "train", folder / "config.json", "--overwrite", "--quiet", *options)
    (folder / "t").write_text("\n".join((folder / "test.tgt").read_text().splitlines()[:PAIRS]) + "\n")
    with open(out, "w", encoding="utf-8") as file:
        args = [program, "score", "-m", model, source, folder / "t", "--format", "jsonl"]
        subprocess.run([str(a) for a in args], check=True, stdout=file)
    network, vocabulary = load(model)
    worst = [0.0, 0.0]
    for line, f in zip(out.read_text().splitlines(), features, strict=True):
        row = json.loads(line)
        target = [vocabulary.index(token) for token in row["target"][:-1]]
        with torch.no_grad():
            want = network(torch.tensor(f, dtype=torch.float64), target)
        got = torch.tensor(row["token_logprob"], dtype=torch.float64), torch.tensor(row["alignment"], dtype=torch.float64)
        for k, (a, b) in enumerate(zip(got, (want.logprob, want.alignment))):
            worst[k] = max(worst[k], (a - b).abs().max().item())
    return worst


def main(program):
    torch.manual_seed(1)
    kinds = itertools.product(("rnn", "none", "transformer"), ("luong", "bahdanau", "cgru", "transformer"), (0, 3, 4))
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(program, "toy", "digits", folder, "--n", 200)
        images = [Path(p) for p in (folder / "test.src").read_text().splitlines()[:PAIRS]]
        matrices = make_matrices(folder, images)
        (folder / "s").write_text("".join(f"{p}\n" for p in images))
        (folder / "m").write_text("".join(f"{p}\n" for p in matrices))
        pixels = [read_pgm(p) for p in images]
        for k, (encoder, decoder, patch) in enumerate(kinds):
            form = decoder == "transformer"
            sets = [f"train.updates={UPDATES}", "train.threads=1", "model.embedding=8", "model.encoder.hidden=5"]
            sets += [f"model.encoder.type={encoder}", f"model.encoder.patch={patch}", "model.heads=2"]
            sets += ["train.optimizer.lr=0.05", "model.encoder.layers=1"] if encoder != "none" else ["train.optimizer.lr=0.05"]
            if form:
                sets += ["model.decoder.type=transformer", "model.decoder.layers=1", "model.decoder.hidden=8"]
                sets += ["model.attention.score=scaled_dot"]
            else:
                sets += ["model.decoder.hidden=7", f"model.attention.gate={'true' if k % 2 else 'false'}"]
                sets += ["model.decoder.init=mean"] + (["model.decoder.cell=cgru"] if decoder == "cgru" else [])
                sets += [] if decoder == "cgru" else [f"model.attention.flow={decoder}"]
            if patch == 0:  # eight columns, rows of the image turned
                sets += ["model.encoder.features=8", f"data.train.source={folder / 'm'}", f"data.train.target={folder / 'u'}"]
                sets += [f"data.valid.source={folder / 'm'}", f"data.valid.target={folder / 'u'}"]
                (folder / "u").write_text("\n".join((folder / "test.tgt").read_text().splitlines()[:PAIRS]) + "\n")
            features = pixels if patch else [p.T.astype("<f4") for p in pixels]
            worst = compare(program, folder, sets, folder / ("s" if patch else "m"), features)
            well = worst[0] <= 1e-4 and worst[1] <= 1e-5
            failed += not well
            what = f"{encoder}, {decoder}, {f'patch {patch}' if patch else 'matrices'}{', gate' if k % 2 and not form else ''}"
            print(f"{what}: log-probabilities {worst[0]:.1e}, weights {worst[1]:.1e}{'' if well else ': TOO FAR'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve())))
