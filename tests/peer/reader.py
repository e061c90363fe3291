#!/usr/bin/env python3
"""Readers of documents (model.decoder.type reader) over a recurrent encoder, in PyTorch with torch.nn.GRU and the lines of
Cui et al. 2017, eq. 1 to 7 (score aoa), or Kadlec et al. 2016, eq. 1 to 3 (dot).

reader.py MODEL.safetensors SCORES.jsonl: the greatest differences from what `score --format jsonl` of that model gave; exit
status 1 when a log-probability is off by more than 1e-4 or a weight by more than 1e-5.
"""
import json
import sys

import torch
from safetensors import safe_open

EOS, UNK = 2, 3


class Reader:
    def __init__(self, path):
        with safe_open(path, "pt") as file:
            meta = file.metadata()
            self.T = {name: file.get_tensor(name).double() for name in file.keys()}
        self.config = json.loads(meta["config"])
        self.ids = {word: i for i, word in enumerate(json.loads(meta["source_vocab"]))}
        m = self.config["model"]
        enc = m["encoder"]
        module = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "tanh": torch.nn.RNN}[enc["cell"]]
        self.rnn = module(
            m["embedding"], enc["hidden"], enc["layers"], bidirectional=enc["bidirectional"], batch_first=True
        ).double()
        self.rnn.load_state_dict(
            {n.removeprefix("encoder.rnn."): t for n, t in self.T.items() if n.startswith("encoder.rnn.")}
        )

    def encode(self, words):
        """States of the words [n, D], and the last ones of the top layer, after </s> [D]."""
        x = self.T["encoder.embedding.weight"][[self.ids.get(w, UNK) for w in words] + [EOS]]
        h, last = self.rnn(x[None])
        last = last[0] if isinstance(last, tuple) else last
        directions = 2 if self.config["model"]["encoder"]["bidirectional"] else 1
        return h[0, :-1], torch.cat([*last[-directions:, 0]])

    def weigh(self, document, query):
        """[m] over the words of the document."""
        (h, _), (g, last) = self.encode(document), self.encode(query)
        if self.config["model"]["attention"]["score"] == "dot":
            return torch.softmax(h @ last, 0)
        M = h @ g.T
        return torch.softmax(M, 0) @ torch.softmax(M, 1).mean(0)


def main(model, scores):
    reader, off_p, off_a = Reader(model), 0, 0
    for row in map(json.loads, open(scores, encoding="utf-8")):
        source = row["source"][:-1]
        at = source.index(reader.config["data"]["query_separator"])
        with torch.no_grad():
            s = reader.weigh(source[:at], source[at + 1 :]).tolist()
        p = torch.tensor(sum(w for w, word in zip(s, source) if word == row["target"][0]), dtype=torch.float64)
        off_p = max(off_p, abs(p.log().item() - row["token_logprob"][0]))
        off_a = max(off_a, *(abs(a - b) for a, b in zip(row["alignment"][0], s)))
    print(f"log p off by {off_p:.1e}, weights by {off_a:.1e}")
    return off_p > 1e-4 or off_a > 1e-5


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
