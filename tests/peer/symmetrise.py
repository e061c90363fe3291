#!/usr/bin/env python3
"""The links that tests/test_symmetrise.c expects: symmetrise.py OUT.tsv

Word alignments of two directions made one, written a second time: the loops of Moses' symal (printgrow) on sets of
pairs. A line of OUT.tsv is: forward links (source-target), reverse links (target-source), then intersection, union,
grow, grow-diag, grow-diag-final and grow-diag-final-and, separated by tabs. The links are random: half of the lines have for each word one
link, as an aligner gives them, near the diagonal; the others have any links.
"""
import random
import sys

NEIGHBOURS = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]


def grow(points, union, neighbours):
    """Adds to points (target, source) in place: a set walked in order, what is added ahead of the walk is met by it."""
    targets, sources = {t for t, _ in points}, {s for _, s in points}
    added = True
    while added:
        added, at = False, min(points, default=None)
        while at is not None:
            for dt, ds in neighbours:
                new = (at[0] + dt, at[1] + ds)
                if new in union and not (new[0] in targets and new[1] in sources):
                    points.add(new)
                    targets.add(new[0])
                    sources.add(new[1])
                    added = True
            at = min((p for p in points if p > at), default=None)


def add_last(points, links, both):
    """Links that have a word, or two, which no point has."""
    for t, s in sorted(links):
        bare = (t not in {p[0] for p in points}) + (s not in {p[1] for p in points})
        if bare >= (2 if both else 1):
            points.add((t, s))


def symmetrise(forward, reverse):
    """Sets of (target, source) -> the six results."""
    union, both = forward | reverse, forward & reverse
    sides, grown = set(both), set(both)
    grow(sides, union, NEIGHBOURS[:4])
    grow(grown, union, NEIGHBOURS)
    finals = []
    for two in (False, True):
        final = set(grown)
        add_last(final, forward - reverse, two)
        add_last(final, reverse - forward, two)
        finals.append(final)
    return both, union, sides, grown, *finals


def near(rng, i, n, m):
    return min(m - 1, max(0, round(i * m / n + rng.gauss(0, 1.2))))


def draw(rng, k):
    n, m = rng.randint(1, 12), rng.randint(1, 12)  # words of source and target
    if k % 2 == 0:
        forward = {(t, near(rng, t, m, n)) for t in range(m) if rng.random() < 0.9}
        reverse = {(near(rng, s, n, m), s) for s in range(n) if rng.random() < 0.9}
    else:
        share = rng.choice((0.05, 0.15, 0.4))
        forward, reverse = ({(t, s) for t in range(m) for s in range(n) if rng.random() < share} for _ in range(2))
    return forward, reverse


def text(pairs):
    return " ".join(f"{a}-{b}" for a, b in sorted(pairs))


def main():
    rng = random.Random(3)
    with open(sys.argv[1], "w", encoding="ascii") as file:
        for k in range(60):
            forward, reverse = draw(rng, k)
            flipped = [{(s, t) for t, s in links} for links in (forward, *symmetrise(forward, reverse))]
            print(text(flipped[0]), text(reverse), *map(text, flipped[1:]), sep="\t", file=file)


if __name__ == "__main__":
    main()
