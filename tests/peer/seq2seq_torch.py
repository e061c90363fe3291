#!/usr/bin/env python3
"""The PyTorch comparison: the same models written a second time, to check the program's numbers against.

  seq2seq_torch.py forward MODEL.safetensors SOURCE.ids TARGET.ids OUT.json
      log-probabilities and weights of given pairs (teacher forcing). An ids file holds a sentence of blank-separated token
      ids a line, without </s>. OUT.json: [{"logprob": [T], "alignment": [T][S], "cross": [layers][heads][T][S],
      "encoder": a list of the encoder's stacks with self-attention, each [layers][heads][S][S], "decoder": of a Transformer's
      [layers][heads][T][T]}, ...], </s> included.
  seq2seq_torch.py gradients MODEL.safetensors SOURCE.ids TARGET.ids OUT.safetensors
      gradients of the loss, summed over all target tokens, with the config's label smoothing and no dropout
  seq2seq_torch.py golden FOLDER
      the values that tests/golden/model.json and transformer.json hold; golden.py describes the format
  seq2seq_torch.py compare PROGRAM [--combinations N] [--reference OTHER.py] [--keep DIR]
      trains many small models with PROGRAM and compares its `score` with the forward pass here (and with OTHER.py's)

The formulas are in model.py (recurrent), heads.py, positions.py and network.py. Needs torch, numpy and safetensors; README.md says more.
"""

import argparse
import json

from safetensors.torch import save_file

from network import forward, gradients, load


def read_ids(path):
    with open(path, encoding="ascii") as file:
        return [[int(token) for token in line.split()] for line in file]


def command_forward(args):
    model, _ = load(args.model)
    pairs = list(zip(read_ids(args.source), read_ids(args.target), strict=True))
    with open(args.out, "w", encoding="ascii") as file:
        json.dump(forward(model, pairs), file)
    return 0


def command_gradients(args):
    model, meta = load(args.model)
    pairs = list(zip(read_ids(args.source), read_ids(args.target), strict=True))
    smoothing = json.loads(meta["config"]).get("train", {}).get("label_smoothing", 0)
    loss, found = gradients(model, pairs, smoothing)
    said = {"loss": repr(loss), "label_smoothing": repr(smoothing)}
    save_file(found, args.out, said)
    print(json.dumps(said))
    return 0


def command_golden(args):
    import golden

    return golden.write_all(args.out)


def command_compare(args):
    import compare

    return compare.run(args.program, args.combinations, args.reference, args.keep)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run in (("forward", command_forward), ("gradients", command_gradients)):
        p = commands.add_parser(name)
        for place in ("model", "source", "target", "out"):
            p.add_argument(place)
        p.set_defaults(run=run)
    p = commands.add_parser("golden")
    p.add_argument("out")
    p.set_defaults(run=command_golden)
    p = commands.add_parser("compare")
    p.add_argument("program")
    p.add_argument("--combinations", type=int, default=144)
    p.add_argument("--reference", help="another implementation with the same `forward`, to compare with too")
    p.add_argument("--keep", metavar="DIR", help="work in DIR and leave the files there")
    p.set_defaults(run=command_compare)
    args = parser.parse_args()
    raise SystemExit(args.run(args))


if __name__ == "__main__":
    main()
