#!/bin/bash
# SentencePiece 0.2.1: a model of type "word" without a dummy prefix encodes some texts to nothing, without an error.
#
# A word model looks a whole word up by its spelling, control symbols included. When the first word of a text is spelled
# like one ("<s>", "</s>") and nothing is put before it (add_dummy_prefix=False, or treat_whitespace_as_suffix=True), the
# piece gets the control symbol's id; such pieces take no bytes of the text, so the internal check that all of the text
# is used up fails. The C++ call returns that error, but the Python one gives [] as if the text had been empty, while
# out_type="immutable_proto" of the same call still has all pieces. The same text is split in models of other types.
# A parallel corpus encoded with it line by line gets empty lines. The mend: look for [] of a text that is not blank.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install sentencepiece==0.2.1 2>/dev/null
seen=$("$work/venv/bin/python" - <<'PY'
import io
import sentencepiece

lines = ["this is a line of words", "more words in a line", "a line of words is this"] * 20
for kind in ("word", "bpe", "unigram", "char"):
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, model_type=kind, vocab_size=40, hard_vocab_limit=False,
        add_dummy_prefix=False, minloglevel=3)
    model = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    for text in ("<s> words of this line", "words of <s> this line"):
        print(kind, text.startswith("<s>"), len(model.encode(text)) > 0,
              len(model.encode(text, out_type="immutable_proto").pieces) > 0)
PY
)
printf '%s\n' "$seen"
test "$seen" = "word True False True
word False True True
bpe True True True
bpe False True True
unigram True True True
unigram False True True
char True True True
char False True True"
