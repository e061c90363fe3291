#!/usr/bin/env python3
"""Turns a Transformer of attn-seq2seq into a directory that CTranslate2 loads.

    to_ctranslate2.py MODEL.safetensors DIR [--check ATTN_SEQ2SEQ INPUT.txt]

Both sides `transformer`, positions `sinusoidal` or `learned`, norm `pre` or `post`, activation `relu` or `gelu`, plain
attention with heads; anything else is refused by name. DIR/ has the model, its vocabularies and, where the text is split
into subwords, source.spm and target.spm of SentencePiece. CTranslate2 takes tokens: split a line at blanks, into
characters, or with that model, as `vocab.source.tokenizer` says. Its output tokens are joined the same way.

--check translates the lines with both, greedily, and compares what they write and the log-probability that CTranslate2
gives of it with that of `attn-seq2seq score` (1e-3); status 1 when a probability differs or more than one line in fifty
(two words can be equally likely). Needs ctranslate2, numpy, safetensors, and sentencepiece for models with subwords.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec, common_spec
from safetensors import safe_open

PLACES = 4096  # that a table of sinusoids is made for


class Model:
    def __init__(self, path):
        with safe_open(path, "np") as file:
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
            meta = file.metadata()
        self.config = json.loads(meta["config"])
        self.vocab = [json.loads(meta[side + "_vocab"]) for side in ("source", "target")]
        m = self.config["model"]
        tie = m.get("tie_embeddings", "none")
        words = self.tensors["decoder.embedding.weight"]
        if tie == "all":
            self.tensors.setdefault("encoder.embedding.weight", words)
        if tie != "none":
            self.tensors.setdefault("decoder.output.weight", words)

    def refuse_others(self):
        m = self.config["model"]
        wanted = {
            "encoder.type": ["transformer"],
            "decoder.type": ["transformer"],
            "positions": ["sinusoidal", "learned", None],
            "activation": ["relu", "gelu", None],
            "attention.pattern": ["qkv", None],
            "attention.heads": [m["heads"], None],
            "attention.score": ["scaled_dot", None],
            "attention.scope": ["global", None],
            "attention.focus": ["soft", None],
            "attention.gate": [False, None],
            "encoder.universal": [False, None],
            "encoder.window": [0, None],
            "encoder.patch": [0, None],
        }
        for path, values in wanted.items():
            at = m
            for part in path.split("."):
                at = at.get(part) if isinstance(at, dict) else None
            if at not in values:
                sys.exit(f"model.{path} is {json.dumps(at)}: CTranslate2 has no such layer")
        known = ("encoder.embedding.weight", "decoder.embedding.weight", "decoder.output.weight", "decoder.output.bias")
        for name in self.tensors:
            layer = name.split(".layers.")[-1].split(".", 1)[-1] if ".layers." in name else None
            parts = ("self_attn", "multihead_attn", "linear1", "linear2", "norm1", "norm2", "norm3")
            if layer is not None and layer.split(".")[0] in parts and "k_proj" not in layer:
                continue
            if name in known or name.split(".", 1)[1] in ("norm.weight", "norm.bias", "positions.weight"):
                continue
            if not name.endswith(".sentencepiece"):
                sys.exit(f"{name}: CTranslate2 has no place for this tensor")


def sinusoids(size):
    """[PLACES, size]: sine and cosine by turns, position 0 first (Vaswani et al. 2017, section 3.5)."""
    angle = np.arange(PLACES)[:, None] / 10000 ** (np.arange(0, size, 2) / size)
    return np.stack([np.sin(angle), np.cos(angle)], 2).reshape(PLACES, -1)[:, :size].astype(np.float32)


def spec_of(model):
    t, m = model.tensors, model.config["model"]
    size = m["embedding"]
    act = {"relu": common_spec.Activation.RELU, "gelu": common_spec.Activation.GELU}[m.get("activation", "relu")]
    layers = tuple(1 + max(int(n.split(".")[2]) for n in t if n.startswith(s + ".layers.")) for s in ("encoder", "decoder"))
    pre = m.get("norm", "pre") == "pre"
    spec = TransformerSpec.from_config(layers, m["heads"], pre_norm=pre, activation=act)
    spec.config.add_source_eos, spec.config.layer_norm_epsilon = True, 1e-5

    def norm(at, name):
        at.gamma, at.beta = t[name + ".weight"], t[name + ".bias"]

    def linear(at, name, dot=".", rows=slice(None)):
        at.weight, at.bias = t[name + dot + "weight"][rows], t[name + dot + "bias"][rows]

    for side, to in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        (to.embeddings[0] if side == "encoder" else to.embeddings).weight = t[side + ".embedding.weight"]
        to.position_encodings.encodings = t.get(side + ".positions.weight", sinusoids(size))
        if side + ".norm.weight" in t:
            if not pre:
                sys.exit(f"{side}.norm: CTranslate2 has no last normalisation with model.norm post")
            norm(to.layer_norm, side + ".norm")
        elif pre:
            sys.exit(f"{side}.norm is missing: CTranslate2 wants one with model.norm pre")
        for i, layer in enumerate(to.layer):
            at = f"{side}.layers.{i}."
            linear(layer.self_attention.linear[0], at + "self_attn.in_proj", "_")
            linear(layer.self_attention.linear[1], at + "self_attn.out_proj")
            norm(layer.self_attention.layer_norm, at + "norm1")
            if side == "decoder":
                linear(layer.attention.linear[0], at + "multihead_attn.in_proj", "_", slice(None, size))
                linear(layer.attention.linear[1], at + "multihead_attn.in_proj", "_", slice(size, None))
                linear(layer.attention.linear[2], at + "multihead_attn.out_proj")
                norm(layer.attention.layer_norm, at + "norm2")
            norm(layer.ffn.layer_norm, at + ("norm2" if side == "encoder" else "norm3"))
            linear(layer.ffn.linear_0, at + "linear1")
            linear(layer.ffn.linear_1, at + "linear2")
    linear(spec.decoder.projection, "decoder.output")
    spec.register_source_vocabulary(model.vocab[0])
    spec.register_target_vocabulary(model.vocab[1])
    spec.validate()
    spec.optimize()
    return spec


class Splitter:
    """Lines into tokens and back, as vocab.SIDE.tokenizer says."""

    def __init__(self, model, side, folder):
        v = model.config["vocab"][side]
        self.kind, self.lower = v["tokenizer"], v.get("lowercase", False)
        if self.kind == "sentencepiece":
            import sentencepiece

            name = side + ".sentencepiece" if side + ".sentencepiece" in model.tensors else "source.sentencepiece"
            path = os.path.join(folder, side + ".spm")
            with open(path, "wb") as file:
                file.write(model.tensors[name].tobytes())
            self.pieces = sentencepiece.SentencePieceProcessor(model_file=path)

    def split(self, line):
        line = line.lower() if self.lower else line
        if self.kind == "char":
            return [c if c != " " else "␣" for c in " ".join(line.split())]
        return self.pieces.encode(line, out_type=str) if self.kind == "sentencepiece" else line.split()

    def join(self, tokens):
        if self.kind == "char":
            return "".join(tokens).replace("␣", " ")
        return self.pieces.decode(tokens) if self.kind == "sentencepiece" else " ".join(tokens)


def check(model, folder, sides, model_path, program, lines):
    def ours(*words, text=None):
        return subprocess.run([program, *words], input=text, capture_output=True, text=True, check=True).stdout.splitlines()

    ct2 = ctranslate2.Translator(folder, device="cpu", compute_type="float32")
    sources = [sides[0].split(l) for l in lines]
    table = model.tensors.get("decoder.positions.weight")
    most = 200 if table is None else len(table) - 1
    found = ct2.translate_batch(sources, beam_size=1, max_decoding_length=most)
    ratio = model.config["translate"]["max_length_ratio"]
    theirs = [f.hypotheses[0][: math.ceil(ratio * len(x)) + 10] for f, x in zip(found, sources, strict=True)]
    written = ours("translate", "-m", model_path, "--beam-size", "1", text="".join(l + "\n" for l in lines))
    same = sum(a == sides[1].join(b) for a, b in zip(written, theirs, strict=True))
    with tempfile.TemporaryDirectory() as tmp:
        paths = [os.path.join(tmp, n) for n in ("s", "t")]
        for path, text in zip(paths, (lines, written)):
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(l + "\n" for l in text)
        logp = [float(x) for x in ours("score", "-m", model_path, *paths)]
    scored = ct2.score_batch(sources, [sides[1].split(l) for l in written])
    off = max(abs(sum(s.log_probs) - p) for s, p in zip(scored, logp, strict=True))
    print(json.dumps({"lines": len(lines), "same": same, "log_probability_off_by": round(off, 7)}))
    return off < 1e-3 and same >= math.ceil(0.98 * len(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("dir")
    parser.add_argument("--check", nargs=2, metavar=("ATTN_SEQ2SEQ", "INPUT"))
    a = parser.parse_args()
    if os.path.exists(a.dir):
        sys.exit(a.dir + ": is there already")
    model = Model(a.model)
    model.refuse_others()
    spec = spec_of(model)
    os.makedirs(a.dir)
    spec.save(a.dir)
    sides = [Splitter(model, side, a.dir) for side in ("source", "target")]
    if a.check:
        with open(a.check[1], encoding="utf-8") as file:
            lines = [l.rstrip("\n") for l in file if l.strip()]
        sys.exit(not check(model, a.dir, sides, a.model, a.check[0], lines))


if __name__ == "__main__":
    main()
