#!/usr/bin/env python3
"""The models of model.py in PyTorch as one would write them to be fast: whole batches, packed sequences, fused cells.

  speed_torch.py check
      compares the log-probabilities of many small models with those of model.py; exit status 1 when one differs
  speed_torch.py train CONFIG.json [--threads N] [--seconds S]
      target tokens a second in training
  speed_torch.py decode CONFIG.json [--threads N] [--seconds S] [--beam K] [--batch B] [--limit L]
      sentences a second in beam search with random weights; every output has exactly L tokens

CONFIG.json is a resolved config (`attn-seq2seq config FILE`). Scores dot, general and additive, both flows, all cells,
deep output; one decoder layer, global scope, nothing tied, data in two files, words. speed.py runs all of this beside
the program.

    B batch   S source length with </s>   T target length with </s>   E embedding   H encoder hidden, a direction
    D one encoder state (2H or H)         Q decoder hidden size       V target vocabulary
"""
import argparse
import collections
import json
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from model import is_deep, look

PAD, BOS, EOS, UNK = 0, 1, 2, 3
LAYERS = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
CELLS = {"tanh": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell, "cgru": nn.GRUCell}


def check_config(m):
    att, dec = m["attention"], m["decoder"]
    able = att["score"] in ("dot", "general", "additive") and att["scope"] == "global"
    able = able and dec["layers"] == 1 and dec["init"] in ("zero", "last", "mean")
    if not able or m["tie_embeddings"] != "none" or m["encoder"].get("residual", False) or m.get("layer_norm", False):
        raise SystemExit("speed_torch.py: this kind of model is not written here; see --help")


# The network --------------------------------------------------------------------------------------------------------


class Attention(nn.Module):
    """Weights over the source and the context that they make. Keys are projected once a sentence."""

    def __init__(self, m, n_state, n_query):
        super().__init__()
        att = m["attention"]
        self.kind = att["score"]
        if self.kind == "general":
            self.general = nn.Linear(n_state, n_query, bias=False)
        if self.kind == "additive":
            self.query = nn.Linear(n_query, att["size"], bias=False)
            self.key = nn.Linear(n_state, att["size"])
            self.v = nn.Parameter(torch.empty(att["size"]).uniform_(-0.1, 0.1))

    def keys(self, h):
        """h [B, S, D] -> [B, S, Q], or [B, S, A] for additive."""
        return {"dot": lambda: h, "general": lambda: self.general(h), "additive": lambda: self.key(h)}[self.kind]()

    def forward(self, q, h, keys, padding):
        """q [B, Q], h [B, S, D], padding [B, S] -> context [B, D]."""
        if self.kind == "additive":
            e = torch.tanh(self.query(q).unsqueeze(1) + keys) @ self.v
        else:
            e = torch.bmm(keys, q.unsqueeze(2)).squeeze(2)
        a = torch.softmax(e.masked_fill(padding, -torch.inf), 1)
        return torch.bmm(a.unsqueeze(1), h).squeeze(1)


class Seq2Seq(nn.Module):
    def __init__(self, m, n_source, n_target):
        super().__init__()
        enc, dec, E, Q = m["encoder"], m["decoder"], m["embedding"], m["decoder"]["hidden"]
        D = enc["hidden"] * (2 if enc["bidirectional"] else 1)
        self.when, self.deep = look(m), is_deep(m)
        self.feeds = self.when == "after" and m["attention"]["input_feeding"]
        self.init, self.lstm, self.n_query = dec["init"], dec["cell"] == "lstm", Q
        self.n_directions = 2 if enc["bidirectional"] else 1
        self.dropout = nn.Dropout(m["dropout"])
        self.source = nn.Embedding(n_source, E)
        self.target = nn.Embedding(n_target, E)
        between = m["dropout"] if enc["layers"] > 1 else 0
        self.encoder = LAYERS[enc["cell"]](
            E, enc["hidden"], enc["layers"], batch_first=True, bidirectional=enc["bidirectional"], dropout=between
        )
        extra = D if self.when == "before" else Q if self.feeds else 0
        self.cell = CELLS[dec["cell"]](E + extra, Q)
        self.second = nn.GRUCell(D, Q) if self.when == "between" else None
        self.bridge = nn.Linear(D, Q) if dec["init"] != "zero" else None
        self.attention = Attention(m, D, Q)
        self.combine = nn.Linear(D + Q + (E if self.deep else 0), Q, bias=False)
        self.output = nn.Linear(Q, n_target)

    def named(self):
        """Tensor name in a model file -> parameter."""
        tensors = {"encoder.embedding.weight": self.source.weight, "decoder.embedding.weight": self.target.weight}
        tensors.update({f"encoder.rnn.{name}": p for name, p in self.encoder.named_parameters()})
        tensors.update({f"decoder.rnn.{name}_l0": p for name, p in self.cell.named_parameters()})
        if self.second is not None:
            tensors.update({f"decoder.rnn.{name}_l0_context": p for name, p in self.second.named_parameters()})
        if self.bridge is not None:
            tensors.update({f"decoder.init.0.{name}": p for name, p in self.bridge.named_parameters()})
        tensors.update({f"attention.{name}": p for name, p in self.attention.named_parameters()})
        tensors["decoder.combine.weight"] = self.combine.weight
        tensors.update({f"decoder.output.{name}": p for name, p in self.output.named_parameters()})
        return tensors

    def encode(self, source):
        """source [B, S] -> h [B, S, D], padding [B, S] and the decoder's first state, h or (h, c) of [B, Q]."""
        padding = source == PAD
        lengths = (~padding).sum(1)
        packed = pack_padded_sequence(self.dropout(self.source(source)), lengths, batch_first=True, enforce_sorted=False)
        packed, final = self.encoder(packed)
        h, _ = pad_packed_sequence(packed, batch_first=True, total_length=source.shape[1])
        final = final[0] if isinstance(final, tuple) else final
        zero = h.new_zeros(len(source), self.n_query)
        if self.init == "zero":
            state = zero
        else:
            last = torch.cat(list(final[-self.n_directions :]), 1)
            state = torch.tanh(self.bridge(last if self.init == "last" else h.sum(1) / lengths.unsqueeze(1)))
        return h, padding, (state, zero) if self.lstm else state

    def step(self, emb, state, readout, h, keys, padding):
        """emb [B, E], readout [B, Q] of the step before -> the new readout and state."""
        top = lambda s: s[0] if self.lstm else s
        if self.when == "before":
            c = self.attention(top(state), h, keys, padding)
            state = self.cell(torch.cat([emb, c], 1), state)
        elif self.when == "between":
            query = self.cell(emb, state)
            c = self.attention(query, h, keys, padding)
            state = self.second(c, query)
        else:
            state = self.cell(torch.cat([emb, readout], 1) if self.feeds else emb, state)
            c = self.attention(top(state), h, keys, padding)
        parts = [c, top(state), emb] if self.deep else [c, top(state)]
        return torch.tanh(self.combine(torch.cat(parts, 1))), state

    def forward(self, source, given):
        """source [B, S], given [B, T] from <s> on -> logits [B, T, V]."""
        h, padding, state = self.encode(source)
        keys = self.attention.keys(h)
        readout, readouts = h.new_zeros(len(source), self.n_query), []
        for emb in self.dropout(self.target(given)).unbind(1):
            readout, state = self.step(emb, state, readout, h, keys, padding)
            readouts.append(readout)
        return self.output(self.dropout(torch.stack(readouts, 1)))


def pad(rows):
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def loss_of(net, pairs, smoothing=0.0):
    """Pairs of ids without </s> -> summed loss and number of target tokens with </s>."""
    logits = net(pad([s + [EOS] for s, _ in pairs]), pad([[BOS] + t for _, t in pairs]))
    wanted = pad([t + [EOS] for _, t in pairs])
    options = {"ignore_index": PAD, "reduction": "sum", "label_smoothing": smoothing}
    loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), **options)
    return loss, sum(len(t) + 1 for _, t in pairs)


@torch.no_grad()
def search(net, sources, beam, limit):
    """Beam search over a batch, </s> put off until step `limit`: ids [B, limit] of the best hypotheses."""
    source = pad([s + [EOS] for s in sources])
    n = len(source)
    h, padding, state = net.encode(source)
    spread = lambda x: x.repeat_interleave(beam, 0)
    each = lambda s, change: tuple(map(change, s)) if net.lstm else change(s)
    h, keys, padding, state = spread(h), spread(net.attention.keys(h)), spread(padding), each(state, spread)
    readout, last = h.new_zeros(n * beam, net.n_query), torch.full((n * beam,), BOS)
    total = torch.full((n, beam), -torch.inf)
    total[:, 0] = 0
    first, history = torch.arange(n).unsqueeze(1) * beam, torch.empty(n * beam, 0, dtype=torch.long)
    for t in range(limit):
        readout, state = net.step(net.target(last), state, readout, h, keys, padding)
        logprob = torch.log_softmax(net.output(readout), 1)
        logprob[:, [PAD, BOS] if t == limit - 1 else [PAD, BOS, EOS]] = -torch.inf
        total, best = (total.unsqueeze(2) + logprob.view(n, beam, -1)).view(n, -1).topk(beam, 1)
        parent, last = (first + best // logprob.shape[1]).flatten(), (best % logprob.shape[1]).flatten()
        readout, state = readout[parent], each(state, lambda s: s[parent])
        history = torch.cat([history[parent], last.unsqueeze(1)], 1)
    return history.view(n, beam, limit)[:, 0]


# The same function as model.py --------------------------------------------------------------------------------------


def small_models():
    for flow in ("luong", "bahdanau"):
        for score in ("dot", "general", "additive"):
            for cell in CELLS:
                for init, both, layers in (("last", True, 1), ("mean", False, 2), ("zero", True, 2)):
                    hidden, like = 6 if both else 12, "gru" if cell == "cgru" else cell
                    yield {
                        "embedding": 5,
                        "dropout": 0.0,
                        "tie_embeddings": "none",
                        "encoder": {
                            "cell": like, "hidden": hidden, "layers": layers, "bidirectional": both, "residual": False
                        },
                        "decoder": {
                            "cell": cell, "hidden": 12, "layers": 1, "init": init, "residual": False,
                            "deep_output": init == "zero",
                        },
                        "attention": {
                            "flow": flow, "score": score, "scope": "global", "window": 2, "size": 7,
                            "input_feeding": layers == 1, "max_positions": 9,
                        },
                    }  # fmt: skip


@torch.no_grad()
def check(models, fast_of, slow_of):
    """The largest difference of a log-probability, over many small models. fast_of(m) makes a network of a config for 10 source
    and 9 target words, slow_of(m, net) the same function written down another way."""
    torch.manual_seed(1)
    pairs = [([4, 5, 6, 7], [4, 5]), ([8], [6, 7, 4, 8]), ([5, 9, 4], [])]
    worst = 0.0
    for m in models:
        net = fast_of(m).eval()
        for p in net.parameters():
            p.uniform_(-0.5, 0.5)
        slow = slow_of(m, net)
        fast = torch.log_softmax(net(pad([s + [EOS] for s, _ in pairs]), pad([[BOS] + t for _, t in pairs])), 2)
        for row, (s, t) in zip(fast, pairs):
            want = slow(s, t).logprob
            worst = max(worst, (row[torch.arange(len(want)), torch.tensor(t + [EOS])] - want).abs().max().item())
    return worst


# Measuring ----------------------------------------------------------------------------------------------------------


def read_pairs(data, part):
    sides = []
    for side in ("source", "target"):
        with open(data[part][side], "rb") as file:  # bytes split at ASCII white space alone, and sort in byte order
            sides.append([line.split() for line in file])
    most = data["max_length"]
    return [(s, t) for s, t in zip(*sides, strict=True) if 0 < len(s) <= most and 0 < len(t) <= most]


def make_vocabulary(sentences, side):
    counts = collections.Counter(token for sentence in sentences for token in sentence)
    ranked = sorted((-n, token) for token, n in counts.items() if n >= side["min_count"])
    ranked = ranked[: side["size"] - 4] if side["size"] else ranked
    return {token: i + 4 for i, (_, token) in enumerate(ranked)}


def load_pairs(config, part):
    """-> pairs of ids of that part, and the sizes of both vocabularies."""
    train = read_pairs(config["data"], "train")
    sides = (config["vocab"]["source"], config["vocab"]["target"])
    source, target = (make_vocabulary([pair[k] for pair in train], side) for k, side in enumerate(sides))
    pairs = train if part == "train" else read_pairs(config["data"], part)
    ids = lambda vocabulary, sentence: [vocabulary.get(token, UNK) for token in sentence]
    return [(ids(source, s), ids(target, t)) for s, t in pairs], len(source) + 4, len(target) + 4


def load_data(config, part):
    """-> pairs of ids of that part, and a network with random weights."""
    check_config(config["model"])
    pairs, n_source, n_target = load_pairs(config, part)
    torch.manual_seed(1)
    return pairs, Seq2Seq(config["model"], n_source, n_target)


def cut(pool, tokens):
    """Batches whose number of pairs times longest side is at most `tokens`."""
    batches, longest = [[]], 0
    for source, target in pool:
        longest = max(longest, len(source) + 1, len(target) + 1)
        if batches[-1] and longest * (len(batches[-1]) + 1) > tokens:
            batches.append([])
            longest = max(len(source), len(target)) + 1
        batches[-1].append((source, target))
    return batches


def make_batches(pairs, train):
    """Pairs of like lengths together, inside shuffled pools of about 100 batches; batches in random order."""
    tokens, batches = train.get("batch_tokens", 0), []
    mean = sum(max(len(s), len(t)) + 1 for s, t in pairs) / len(pairs)
    size = max(1, round(tokens / mean)) if tokens else train["batch_size"]
    order = torch.randperm(len(pairs)).tolist()
    for at in range(0, len(order), 100 * size):
        pool = sorted((pairs[i] for i in order[at : at + 100 * size]), key=lambda pair: (len(pair[1]), len(pair[0])))
        batches += cut(pool, tokens) if tokens else [pool[k : k + size] for k in range(0, len(pool), size)]
    return [batches[i] for i in torch.randperm(len(batches)).tolist()]


def rate(work, batches, seconds):
    """Units of work a second over batch after batch, the first three to warm up; work gives a batch's units."""
    done, start, k = 0, 0.0, 0
    while k <= 3 or time.perf_counter() - start < seconds:
        if k == 3:
            done, start = 0, time.perf_counter()
        done += work(batches[k % len(batches)])
        k += 1
    return done / (time.perf_counter() - start)


def measure_training(train, pairs, net, seconds):
    """train: of a config. -> target tokens a second"""
    optimizer = torch.optim.Adam(net.parameters(), lr=train["optimizer"]["lr"], fused=True)
    net.train()

    def update(batch):
        loss, n = loss_of(net, batch, train.get("label_smoothing", 0.0))
        optimizer.zero_grad(set_to_none=True)
        (loss / n).backward()
        nn.utils.clip_grad_norm_(net.parameters(), train["optimizer"]["clip_norm"])
        optimizer.step()
        return n

    return rate(update, make_batches(pairs, train), seconds)


def measure_decoding(config, args):
    pairs, net = load_data(config, "valid")
    net.eval()
    order = sorted((s for s, _ in pairs), key=len)
    batches = [order[k : k + args.batch] for k in range(0, len(order), args.batch)]
    batches = [batches[i] for i in torch.randperm(len(batches)).tolist()]
    return rate(lambda batch: len(search(net, batch, args.beam, args.limit)), batches, args.seconds)


def read_arguments(about):
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("check", "train", "decode"))
    parser.add_argument("config", nargs="?")
    for name, default in (("threads", 1), ("seconds", 8), ("beam", 5), ("batch", 32), ("limit", 14)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--precision", choices=("float32", "int8"), default="float32")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.config is None and args.what != "check":
        parser.error(f"{args.what}: which config?")
    return args


def run(about, check_all, train, decode):
    """What is asked for on the command line: check_all() -> a difference and from what; train and decode (config, args) -> a rate."""
    args = read_arguments(about)
    if args.what == "check":
        worst, other = check_all()
        print(f"largest difference of a log-probability from {other}: {worst:.2g}")
        raise SystemExit(not worst <= 1e-5)
    with open(args.config, encoding="utf-8") as file:
        config = json.load(file)
    print(train(config, args) if args.what == "train" else decode(config, args))


def check_all():
    from model import Model

    slow_of = lambda m, net: Model(m, {name: p.data for name, p in net.named().items()})
    return check(small_models(), lambda m: Seq2Seq(m, 10, 9), slow_of), "model.py"


def main():
    train = lambda config, args: measure_training(config["train"], *load_data(config, "train"), args.seconds)
    run(__doc__, check_all, train, measure_decoding)


if __name__ == "__main__":
    main()
