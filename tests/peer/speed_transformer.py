#!/usr/bin/env python3
"""Transformers in torch.nn's own modules, to measure training beside, and converted for CTranslate2, to measure beam search beside.

  speed_transformer.py check
      compares the log-probabilities of many small models with those of network.py; exit status 1 when one differs
  speed_transformer.py train CONFIG.json [--threads N] [--seconds S]
      target tokens a second in training
  speed_transformer.py decode CONFIG.json [--threads N] [--seconds S] [--beam K] [--batch B] [--limit L] [--precision P]
      sentences a second in CTranslate2's beam search with random weights, the best of N workers of one thread and one
      of N; with --precision int8 of float32 and int8 as well; every output has exactly L tokens

CONFIG.json is a resolved config (`attn-seq2seq config FILE`), encoder and decoder both of type transformer, relu or gelu,
norms pre or post, positions sinusoidal or learned, keys and values of their own, nothing tied; data in two files, words.
speed.py runs all of this beside the program. `decode` needs ctranslate2.

    B batch   S source length with </s>   T target length with </s>   d embedding   V target vocabulary
"""

import itertools
import math
import tempfile

import torch
from torch import nn

import positions
import speed_torch
from speed_torch import PAD

ROOM = 1024  # positions of a table of sinusoids


def check_config(m):
    sides, look = (m["encoder"], m["decoder"]), m.get("attention", {})
    able = all(side["type"] == "transformer" for side in sides) and not sides[0].get("self_attention", {}).get("layers")
    able = able and m["norm"] in ("pre", "post") and m["activation"] in ("relu", "gelu")
    able = able and m["positions"] in ("sinusoidal", "learned") and m["tie_embeddings"] == "none"
    able = able and look.get("score", "scaled_dot") == "scaled_dot" and look.get("scope", "global") == "global"
    if not able or look.get("pattern", "qkv") != "qkv" or look.get("heads", m["heads"]) != m["heads"]:
        raise SystemExit("speed_transformer.py: this kind of model is not written here; see --help")


class Transformer(nn.Module):
    """Parameters are named as in a model file."""

    def __init__(self, m, n_source, n_target, room):
        super().__init__()
        self.m, self.d = m, m["embedding"]
        self.dropout = nn.Dropout(m["dropout"])
        self.encoder = self.side(nn.TransformerEncoder, nn.TransformerEncoderLayer, m["encoder"]["layers"], n_source, room)
        self.decoder = self.side(nn.TransformerDecoder, nn.TransformerDecoderLayer, m["decoder"]["layers"], n_target, room)
        self.decoder.output = nn.Linear(self.d, n_target)
        self.table = positions.sinusoidal(room, self.d).float()

    def side(self, stack, layer, layers, words, room):
        m = self.m
        one = layer(
            self.d, m["heads"], m["feed_forward"], m["dropout"], m["activation"], batch_first=True, norm_first=m["norm"] == "pre"
        )
        one.dropout.p = m.get("dropout_feed_forward", 0.0)
        for attention in (part for part in one.children() if isinstance(part, nn.MultiheadAttention)):
            attention.dropout = m.get("dropout_attention", 0.0)
        last = nn.LayerNorm(self.d) if m.get("final_norm", m["norm"] == "pre") else None
        nested = {"enable_nested_tensor": False} if stack is nn.TransformerEncoder else {}
        made = stack(one, layers, norm=last, **nested)
        made.embedding = nn.Embedding(words, self.d)
        nn.init.normal_(made.embedding.weight, std=self.d**-0.5)
        if m["positions"] == "learned":
            made.positions = nn.Embedding(room, self.d)
        return made

    def embed(self, side, ids):
        """ids [B, N] -> [B, N, d]"""
        x, n = math.sqrt(self.d) * side.embedding(ids), ids.shape[1]
        places = side.positions.weight[:n] if self.m["positions"] == "learned" else self.table[:n].to(x.dtype)
        return self.dropout(x + places)

    def forward(self, source, given):
        """source [B, S], given [B, T] from <s> on -> logits [B, T, V]. What comes after hides padding of the target."""
        padding = source == PAD
        h = self.encoder(self.embed(self.encoder, source), src_key_padding_mask=padding)
        future = nn.Transformer.generate_square_subsequent_mask(given.shape[1], dtype=h.dtype)
        y = self.embed(self.decoder, given)
        return self.decoder.output(
            self.decoder(y, h, tgt_mask=future, tgt_is_causal=True, memory_key_padding_mask=padding)
        )


# The same function as network.py ------------------------------------------------------------------------------------


def small_models():
    for norm, activation, place, (above, below) in itertools.product(
        ("pre", "post"), ("relu", "gelu"), ("sinusoidal", "learned"), ((1, 2), (2, 1))
    ):
        yield {
            "embedding": 8,
            "dropout": 0.0,
            "tie_embeddings": "none",
            "encoder": {"type": "transformer", "layers": above},
            "decoder": {"type": "transformer", "layers": below},
            "heads": 2,
            "feed_forward": 12,
            "activation": activation,
            "norm": norm,
            "final_norm": norm == "pre" or above == 2,
            "positions": place,
            "max_positions": 9,
            "attention": {"heads": 2, "pattern": "qkv", "score": "scaled_dot", "scope": "global"},
        }


def check_all():
    from network import Network

    slow_of = lambda m, net: Network(m, {name: p.data for name, p in net.named_parameters()})
    return speed_torch.check(small_models(), lambda m: Transformer(m, 10, 9, m["max_positions"]), slow_of), "network.py"


# CTranslate2 --------------------------------------------------------------------------------------------------------


def ctranslate2_spec(net, n_source, n_target):
    """The network as CTranslate2 writes it down; a token is its number."""
    from ctranslate2.specs import TransformerSpec, common_spec

    m, T = net.m, {name: p.detach().numpy() for name, p in net.named_parameters()}
    activation = {"relu": common_spec.Activation.RELU, "gelu": common_spec.Activation.GELU}[m["activation"]]
    layers = (m["encoder"]["layers"], m["decoder"]["layers"])
    spec = TransformerSpec.from_config(layers, m["heads"], pre_norm=m["norm"] == "pre", activation=activation)
    spec.config.add_source_eos, spec.config.layer_norm_epsilon = True, 1e-5

    def norm(at, name):
        at.gamma, at.beta = T[f"{name}.weight"], T[f"{name}.bias"]

    def linear(at, name, rows=slice(None), dot="."):
        at.weight, at.bias = T[f"{name}{dot}weight"][rows], T[f"{name}{dot}bias"][rows]

    def attention(at, name, parts):
        for k, rows in enumerate(parts):
            linear(at.linear[k], f"{name}.in_proj", rows, "_")
        linear(at.linear[len(parts)], f"{name}.out_proj")

    for side, at in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        words = at.embeddings[0] if side == "encoder" else at.embeddings
        words.weight = T[f"{side}.embedding.weight"]
        learned = T.get(f"{side}.positions.weight")
        at.position_encodings.encodings = net.table.numpy() if learned is None else learned
        if f"{side}.norm.weight" in T:
            norm(at.layer_norm, f"{side}.norm")
        for k, layer in enumerate(at.layer):
            name = f"{side}.layers.{k}"
            attention(layer.self_attention, f"{name}.self_attn", [slice(None)])
            norm(layer.self_attention.layer_norm, f"{name}.norm1")
            if side == "decoder":
                attention(layer.attention, f"{name}.multihead_attn", [slice(net.d), slice(net.d, None)])
                norm(layer.attention.layer_norm, f"{name}.norm2")
            norm(layer.ffn.layer_norm, f"{name}.norm{2 if side == 'encoder' else 3}")
            linear(layer.ffn.linear_0, f"{name}.linear1")
            linear(layer.ffn.linear_1, f"{name}.linear2")
    linear(spec.decoder.projection, "decoder.output")
    special = ["<blank>", "<s>", "</s>", "<unk>"]
    spec.register_source_vocabulary(special + list(map(str, range(4, n_source))))
    spec.register_target_vocabulary(special + list(map(str, range(4, n_target))))
    return spec


def measure_decoding(config, args):
    import ctranslate2

    pairs, n_source, n_target, net = load_data(config, "valid")
    spec = ctranslate2_spec(net, n_source, n_target)
    rows = [["<unk>" if i == speed_torch.UNK else str(i) for i in s] for s, _ in pairs]
    some = 2 * args.batch * args.threads
    with tempfile.TemporaryDirectory() as folder:
        spec.validate()
        spec.optimize()
        spec.save(folder)
        length = {"max_decoding_length": args.limit, "min_decoding_length": args.limit}
        batches = [rows[k : k + some] for k in range(0, len(rows), some)]

        def measure(kind, workers):
            threads = {"inter_threads": workers, "intra_threads": args.threads // workers}
            translator = ctranslate2.Translator(folder, device="cpu", compute_type=kind, **threads)
            translate = lambda batch: translator.translate_batch(
                batch, beam_size=args.beam, max_batch_size=args.batch, **length
            )
            return speed_torch.rate(lambda batch: len(translate(batch)), batches, args.seconds)

        return max(measure(*way) for way in itertools.product(sorted({"float32", args.precision}), {1, args.threads}))


# Measuring ----------------------------------------------------------------------------------------------------------


def load_data(config, part):
    """-> pairs of ids of that part, the sizes of the vocabularies and a network with random weights."""
    m = config["model"]
    check_config(m)
    pairs, n_source, n_target = speed_torch.load_pairs(config, part)
    torch.manual_seed(1)
    room = m["max_positions"] if m["positions"] == "learned" else ROOM
    return pairs, n_source, n_target, Transformer(m, n_source, n_target, room)


def measure_training(config, args):
    pairs, _, _, net = load_data(config, "train")
    return speed_torch.measure_training(config["train"], pairs, net, args.seconds)


def main():
    speed_torch.run(__doc__, check_all, measure_training, measure_decoding)


if __name__ == "__main__":
    main()
