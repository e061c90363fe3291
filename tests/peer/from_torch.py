#!/usr/bin/env python3
"""Writes a torch.nn.Transformer as a model file of attn-seq2seq.

    from from_torch import save
    save("model.safetensors", transformer, source_embedding, target_embedding, output, source_words, target_words)

transformer is an nn.Transformer, embeddings nn.Embedding, output an nn.Linear from its size to the target words. A side's
input is to be sqrt(size) * embedding + positions, sinusoidal with sine and cosine by turns and position 0 first, or a
table that was learned (`positions`: [places, size] of source and target). Words 0 to 3 of both vocabularies are <pad>, <s>,
</s> and <unk>; a source ends with </s>, a target begins with <s> and ends with </s>. Then `attn-seq2seq info`,
`translate`, `score`, `quantize` and `train` (train.start_from) take the file.

    from_torch.py --check ATTN_SEQ2SEQ

makes random models of both norms and activations, with and without learned positions and biases, writes them and compares
log-probabilities of random pairs in PyTorch with those of `score` (1e-4); status 1 when one differs. Needs torch, safetensors.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import save_file
from torch import nn

SPECIALS = ["<pad>", "<s>", "</s>", "<unk>"]


def config_of(transformer, positions):
    layer = transformer.encoder.layers[0]
    activation = getattr(layer.activation, "__name__", str(layer.activation))
    return {
        **({} if positions is None else {"data": {"max_length": len(positions[0]) - 1}}),
        "model": {
            "embedding": transformer.d_model,
            "heads": transformer.nhead,
            "feed_forward": layer.linear1.out_features,
            "activation": "gelu" if "gelu" in activation else "relu",
            "norm": "pre" if layer.norm_first else "post",
            "positions": "sinusoidal" if positions is None else "learned",
            **({} if positions is None else {"max_positions": len(positions[0])}),
            "encoder": {"type": "transformer", "layers": len(transformer.encoder.layers)},
            "decoder": {"type": "transformer", "layers": len(transformer.decoder.layers)},
        },
        "vocab": {"source": {"tokenizer": "word"}, "target": {"tokenizer": "word"}},
    }


def save(path, transformer, source, target, output, source_words, target_words, positions=None):
    tensors = dict(transformer.state_dict())
    tensors["encoder.embedding.weight"] = source.weight
    tensors["decoder.embedding.weight"] = target.weight
    tensors["decoder.output.weight"] = output.weight
    tensors["decoder.output.bias"] = torch.zeros(output.out_features) if output.bias is None else output.bias
    for side, table in zip(("encoder", "decoder"), positions or ()):
        tensors[side + ".positions.weight"] = table
    for words in (source_words, target_words):
        if words[:4] != SPECIALS:
            raise ValueError("the first four words are not " + " ".join(SPECIALS))
    meta = {
        "format": "attn-seq2seq 1",
        "config": json.dumps(config_of(transformer, positions)),
        "source_vocab": json.dumps(source_words),
        "target_vocab": json.dumps(target_words),
        "history": "[]",
    }
    save_file({k: v.detach().float().contiguous().clone() for k, v in tensors.items()}, path, meta)


# What a model says of a pair, in PyTorch. --------------------------------------------------------------------------------


def sinusoids(places, size):
    angle = torch.arange(places)[:, None] / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)[:, :size]


def log_probability(transformer, source, target, output, positions, x, y):
    """log P of the words y and </s> after the words x and </s>; x, y: lists of numbers."""
    size = transformer.d_model
    tables = positions or (sinusoids(len(x) + 1, size), sinusoids(len(y) + 1, size))
    sides = []
    for embedding, table, ids in ((source, tables[0], x + [2]), (target, tables[1], [1] + y)):
        sides.append((math.sqrt(size) * embedding(torch.tensor(ids)) + table[: len(ids)])[None])
    mask = nn.Transformer.generate_square_subsequent_mask(len(y) + 1)
    log_p = torch.log_softmax(output(transformer(*sides, tgt_mask=mask)), 2)[0]
    return log_p[range(len(y) + 1), y + [2]].sum().item()


def check(program):
    worst = 0.0
    for number in range(8):
        torch.manual_seed(number)
        pre, learned, bias = number % 2 == 0, number // 2 % 2 == 1, number // 4 % 2 == 0
        size, words = 16, SPECIALS + list("abcdefgh")
        transformer = nn.Transformer(size, 4, 2, 3, 24, activation="gelu" if learned else "relu", batch_first=True, norm_first=pre, bias=bias).eval()
        source, target = nn.Embedding(12, size), nn.Embedding(12, size)
        for embedding in (source, target):
            nn.init.normal_(embedding.weight, std=size**-0.5)
        output = nn.Linear(size, 12, bias=bias)
        positions = [0.3 * torch.randn(20, size) for _ in range(2)] if learned else None
        pairs = [[torch.randint(4, 12, (n,)).tolist() for n in torch.randint(1, 9, (2,))] for _ in range(20)]
        with tempfile.TemporaryDirectory() as tmp, torch.no_grad():
            paths = [os.path.join(tmp, n) for n in ("m.safetensors", "s", "t")]
            save(paths[0], transformer, source, target, output, words, words, positions)
            for path, k in zip(paths[1:], (0, 1)):
                with open(path, "w", encoding="utf-8") as file:
                    file.writelines(" ".join(words[i] for i in pair[k]) + "\n" for pair in pairs)
            ours = subprocess.run([program, "score", "-m", *paths], capture_output=True, text=True, check=True).stdout.split()
            theirs = [log_probability(transformer, source, target, output, positions, *pair) for pair in pairs]
        off = max(abs(float(a) - b) for a, b in zip(ours, theirs, strict=True))
        print(f"{'pre' if pre else 'post'}-norm, {'learned' if learned else 'sinusoidal'} positions, {'' if bias else 'no '}biases: off by {off:.2g}")
        worst = max(worst, off)
    return worst < 1e-4


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--check":
        sys.exit(__doc__)
    sys.exit(not check(sys.argv[2]))
