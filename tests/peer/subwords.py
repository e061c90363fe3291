#!/usr/bin/env python3
"""Makes sentencepiece.model and sentencepiece.tsv of tests/golden: a model of SentencePiece 0.2.1 with bytes, a symbol of
the user and the library's own ids for the specials, learned from made-up words; and what that release makes of some
texts: text, TAB, pieces with a blank between, TAB, what they decode to. A text "-" stands for pieces that no text is
split into.

    ./subwords.py ../golden        (pip install sentencepiece==0.2.1)
"""
import io
import random
import sys

import sentencepiece

random.seed(11)
words = ["".join(random.choice("bdgklmnrst") + random.choice("aeio") for _ in range(random.randint(1, 3)))
         for _ in range(120)]
train = [" ".join(random.choice(words) for _ in range(random.randint(2, 8))) for _ in range(1500)]
out = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(train), model_writer=out, model_type="unigram", vocab_size=340, byte_fallback=True,
    user_defined_symbols=["<ph>"], normalization_rule_name="identity", minloglevel=3, hard_vocab_limit=False)
with open(sys.argv[1] + "/sentencepiece.model", "wb") as file:
    file.write(out.getvalue())
model = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
texts = [train[0], f"{train[1]} \u20ac {words[3]}", "a \u20ac b", f"<ph>{words[0]}<ph> {words[1]}",
         f"\u65e5\u672c {words[2]}", "x\u00a0y", "\U0001f600", "Q"]
pieces = [["<0xE2>", "<0x82>", "a"], ["\u2581do", "<0xE2>", "<0x82>", "<0xAC>", "\u2581", "b"],
          ["<0xF0>", "<0x9F>", "\u2581ba", "<0x98>"], ["\u2581", "\u2581do", "\u2581"], ["<0x61>", "<0xC3>", "<0xA9>"]]
with open(sys.argv[1] + "/sentencepiece.tsv", "w", encoding="utf-8") as file:
    for text in texts:
        split = model.encode(text, out_type=str)
        file.write(f"{text}\t{' '.join(split)}\t{model.decode(split)}\n")
    for split in pieces:
        file.write(f"-\t{' '.join(split)}\t{model.decode(split)}\n")
