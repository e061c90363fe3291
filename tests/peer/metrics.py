#!/usr/bin/env python3
"""Golden values of BLEU, chrF and TER by sacrebleu.

    pip install sacrebleu==2.6.0 regex
    tests/peer/metrics.py tests/golden

writes metrics.hyp, metrics.ref1 and metrics.ref2 (generated text of many scripts, the hypotheses corrupted references;
the same for every run) and metrics.json: for every setting the score of blocks of 1, 3, 60, 1, 3, 60, ... lines, the
sentence score of every eighth line (of BLEU with effective order) and the line that sacrebleu prints for all of them.
tests/test_sacrebleu.c reads them.
"""
import json
import random
import sys

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF, TER

LINES = 1024
BLOCKS = [1, 3, 60]  # lines, in turn
EVERY = 8  # of how many lines one has its sentence score taken

WORDS = {
    "latin": "lume tarvo Resni quil odran mesta Fiord KALO pendi saru ilto vekka Non-stop l'arno d'Orsi o'clock".split(),
    "accents": "žluva Ørsk naïve façana Übrig straße GROẞ ŁÓDŹ İznik ısla Ångel éta ça Ñandu ǅabo ﬁnta".split(),
    "greek": "ΛΟΓΟΣ Σίμα οδός ΑΣ. Σ ΤΑΣ'Ε ήλιος".split(),
    "cyrillic": "Весло дома рЕКА ёлка Їжа съезд".split(),
    "arabic": "كتاب، بيت؟ نور ٣٤٥ سلام؛".split(),
    "hebrew": "בית ספר״ אור".split(),
    "devanagari": "नदी। घर१२ पेड़".split(),
    "cjk": "山の上、 水と木。 「空」 ﾊﾟﾝ 学校１２ 龍 全角，文字！ 好的？".split(),
    "thai": "บ้าน ฟ้า๕".split(),
    "numbers": "3.14 1,000 12-13 7% 2nd 0.5- -4 .5 5. 1,2,3 ½ Ⅷ x² 10:30 3,. 1990-".split(),
    "symbols": "€5 £ + = <b> ^ ~ ` | © → ∑ $1.50 #tag @home a/b c\\d x_y {z} [0]".split(),
    "entities": "&amp; &quot;ora&quot; &lt;p&gt; &amp;lt; &amp;quot; R&D <skipped> &apos; a&amp;b".split(),
    "emoji": "😀 👩‍🚀 🇫🇷 👍🏽 ☂️ ✓".split(),
    "marks": ". , ! ? ; : ... -- — – … « » “ora” ‘no’ ' \" ( ) (sa) ¿qué? ¡oh! .. ., ,. !!".split(),
}
BLANKS = [" "] * 30 + ["  ", "\u00a0", "\u3000", "\t", "\u2009", "\u200b", "\u2028", "\x1c", "\x85"]


def word(rng, scripts):
    w = rng.choice(WORDS[rng.choice(scripts)])
    if rng.random() < 0.15:
        w += rng.choice([".", ",", "!", "...", "'s", "”", "-", ")", ":"])
    if rng.random() < 0.04:
        w = w.upper()
    return w


def join(rng, words):
    line = ""
    for w in words:
        line += (rng.choice(BLANKS) if line else "") + w
    if rng.random() < 0.03:
        line = " " + line
    if rng.random() < 0.05:
        line += rng.choice([" ", " .", "  ", "\u3000"])
    return line


def sentence(rng):
    shape = rng.random()
    if shape < 0.02:
        return []
    length = rng.randint(1, 3) if shape < 0.2 else rng.randint(4, 11) if shape < 0.985 else rng.randint(40, 90)
    scripts = rng.sample(sorted(WORDS), rng.randint(1, 3)) + ["latin", "marks"]
    return [word(rng, scripts) for _ in range(length)]


def corrupt(rng, words, strength):
    words = list(words)
    if rng.random() < 0.1:
        return words
    for _ in range(int(len(words) * strength * rng.random()) + rng.randint(0, 1)):
        i, kind = rng.randint(0, len(words)), rng.random()
        if kind < 0.2:
            words.insert(i, word(rng, ["latin", "marks", "numbers"]))
        elif kind < 0.4 and words:
            del words[min(i, len(words) - 1)]
        elif kind < 0.55 and i < len(words):
            words[i] = word(rng, sorted(WORDS))
        elif kind < 0.7 and i < len(words):
            words[i] = rng.choice([words[i].lower(), words[i].upper(), words[i][:-1] or "a", words[i] + words[i]])
        else:  # a run of words moves
            j = i + rng.randint(1, 4)
            run, rest = words[i:j], words[:i] + words[j:]
            k = rng.randint(0, len(rest))
            words = rest[:k] + run + rest[k:]
    return words


def texts(seed):
    rng = random.Random(seed)
    hypotheses, first, second = [], [], []
    for i in range(LINES):
        words = sentence(rng)
        if i % 97 == 5:
            words = (words * 30)[:60]  # many ways to shift
        first.append(join(rng, words))
        second.append(join(rng, corrupt(rng, words, 0.6)))
        hypotheses.append("" if rng.random() < 0.01 else join(rng, corrupt(rng, words, 1.0)))
    return hypotheses, first, second


def settings():
    """Name, options, the scorer of texts, that of single sentences."""
    for tok in ["13a", "intl", "zh", "char", "none"]:
        for low in [False, True]:
            kind = {"tokenize": tok, "lowercase": low}
            yield "bleu", kind, BLEU(**kind, force=True), BLEU(**kind, force=True, effective_order=True)
    for smooth in ["none", "floor", "add-k"]:
        kind = {"smooth_method": smooth, "force": True}
        yield "bleu", {"smooth": smooth}, BLEU(**kind), BLEU(**kind, effective_order=True)
    for low in [False, True]:
        yield "chrf", {"lowercase": low}, CHRF(lowercase=low), CHRF(lowercase=low)
        yield "chrf++", {"lowercase": low}, CHRF(word_order=2, lowercase=low), CHRF(word_order=2, lowercase=low)
    yield "ter", {}, TER(), TER()


def main():
    folder = sys.argv[1]
    hypotheses, first, second = texts(20)
    for name, lines in [("hyp", hypotheses), ("ref1", first), ("ref2", second)]:
        with open(f"{folder}/metrics.{name}", "w", encoding="utf-8", newline="\n") as out:
            out.writelines(line + "\n" for line in lines)
    cases = []
    for metric, options, scorer, of_sentence in settings():
        for references in [[first], [first, second]]:
            blocks, at = [], 0
            while at < LINES:
                end = at + BLOCKS[len(blocks) % len(BLOCKS)]
                part = [r[at:end] for r in references]
                blocks.append(round(scorer.corpus_score(hypotheses[at:end], part).score, 6))
                at = end
            sentences = [round(of_sentence.sentence_score(hypotheses[i], [r[i] for r in references]).score, 6)
                         for i in range(0, LINES, EVERY)]
            score = scorer.corpus_score(hypotheses, references)
            line = score.format(width=1, signature=scorer.get_signature().format())
            line = line.replace(f"|version:{sacrebleu.__version__}", "|version:VERSION")
            cases.append({"metric": metric, **options, "references": len(references), "line": line, "blocks": blocks,
                          "sentences": sentences})
    with open(f"{folder}/metrics.json", "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
