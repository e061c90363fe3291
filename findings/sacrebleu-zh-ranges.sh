#!/bin/bash
# sacrebleu 2.6.0: --tokenize zh sets dashes, quotes and arrows apart, but not the characters of CJK extension B.
#
# Its table of ranges writes two of them beyond U+FFFF as '\u20000' .. '\u2a6d6' and '\u2f800' .. '\u2fa1d'. In Python \u
# takes four digits: these are strings of two characters, U+2000 followed by "0" and so on. Compared with single
# characters they cover U+2001 to U+2A6D: General Punctuation, letterlike symbols, arrows, mathematical operators. So
# "a—b" is three tokens where 13a has one, and U+20000, which the range was written for, stays inside its word.
# A tokenizer that follows the comments of the table instead of the table gives other scores.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install sacrebleu==2.6.0 2>/dev/null
seen=$("$work/venv/bin/python" - <<'PY'
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh

for text in ["a\u2014b", "a\u2192b", "\U00020000c", "\u4e00c"]:
    print(ascii(text), ascii(TokenizerZh()(text)), ascii(Tokenizer13a()(text)))
PY
)
printf '%s\n' "$seen"
test "$seen" = "'a\\u2014b' 'a \\u2014 b' 'a\\u2014b'
'a\\u2192b' 'a \\u2192 b' 'a\\u2192b'
'\\U00020000c' '\\U00020000c' '\\U00020000c'
'\\u4e00c' '\\u4e00 c' '\\u4e00c'"
