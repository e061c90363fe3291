#!/usr/bin/env python3
"""Loads a model of attn-seq2seq with safetensors and PyTorch and gives the log-probabilities that `score` gives.

    doc/load_model.py models/tiny-dates.safetensors "3 May 2024" 2024-05-03

of a model with GRUs of one layer and the score gaussian, words or characters. Names and shapes of tensors are those of
torch.nn.GRU and torch.nn.Linear; tests/peer/model.py has every other kind. Needs torch, safetensors.
"""
import json
import sys

import torch
from safetensors import safe_open
from torch import nn

path, source, target = sys.argv[1:]
with safe_open(path, "pt") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    meta = file.metadata()
config = json.loads(meta["config"])
words = {side: json.loads(meta[side + "_vocab"]) for side in ("source", "target")}
m = config["model"]


def ids(text, side):
    """[n] numbers of the tokens; 3 is <unk>."""
    chars = config["vocab"][side]["tokenizer"] == "char"
    tokens = list(text.replace(" ", "␣")) if chars else text.split()
    return [words[side].index(t) if t in words[side] else 3 for t in tokens]


def load(module, prefix):
    """Fills a module with the tensors of these names."""
    names = [name for name in tensors if name.startswith(prefix)]
    module.load_state_dict({name[len(prefix) :]: tensors[name] for name in names})
    return module.eval()


def vectors(name, numbers):
    return tensors[name][torch.tensor(numbers)]


with torch.no_grad():
    E, H, Q = m["embedding"], m["encoder"]["hidden"], m["decoder"]["hidden"]
    encoder = load(nn.GRU(E, H, bidirectional=True), "encoder.rnn.")
    decoder = load(nn.GRU(E + Q, Q), "decoder.rnn.")
    start = load(nn.Linear(2 * H, Q), "decoder.init.0.")
    combine = load(nn.Linear(2 * H + Q, Q, bias=False), "decoder.combine.")
    output = load(nn.Linear(Q, len(words["target"])), "decoder.output.")

    h, last = encoder(vectors("encoder.embedding.weight", ids(source, "source") + [2]))  # h [S, 2H]: the states that are looked at
    s, readout = torch.tanh(start(last.reshape(1, -1))), torch.zeros(1, Q)
    y, total = ids(target, "target") + [2], 0.0
    for before, now in zip([1] + y, y):  # from <s> to </s>
        word = vectors("decoder.embedding.weight", [before])
        s = decoder(torch.cat([word, readout], 1), s)[1]
        e = -0.5 * (tensors["attention.width"] * (s - h)).square().sum(1)  # gaussian: -1/2 u^2, u = w |s - h_i|
        context = torch.softmax(e, 0) @ h
        readout = torch.tanh(combine(torch.cat([context[None], s], 1)))
        total += torch.log_softmax(output(readout), 1)[0, now].item()
print(f"{total:.6f}")
