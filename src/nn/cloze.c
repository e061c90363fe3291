#include "nn/cloze.h"

/* Words before the separator; all of them: -1. */
static int document_of(const Ids *source, int separator) {
  for (int i = 0; i < source->n; i++)
    if (source->at[i] == separator) return i;
  return -1;
}

/* Sources cut in parts, at most two each. */
typedef struct Cut {
  Ids *parts;
  int n, *first, *line; /* [lines] the first part of each; [n] the line that a part is of */
} Cut;

/* Tokens low .. low + n - 1 of a line, with the links among them. */
static void add(Cut *cut, Tape *tape, int line, const Ids *source, int low, int n) {
  Ids part = {.at = source->at + low, .n = n};
  TokenLink *links = tape_alloc(tape, (size_t)source->links.n, sizeof *links);
  for (int k = 0; k < source->links.n; k++) {
    TokenLink link = {source->links.at[k].from - low, source->links.at[k].to - low};
    bool inside = link.from >= 0 && link.from < n && link.to >= 0 && link.to < n;
    if (inside) links[part.links.n++] = link;
  }
  part.links.at = links;
  cut->parts[cut->n] = part;
  cut->line[cut->n++] = line;
}

static Cut cut_sources(const Encoder *e, Tape *tape, const Ids *sources, int n) {
  Cut cut = {.parts = tape_alloc(tape, 2 * (size_t)n, sizeof(Ids)),
             .first = tape_alloc(tape, (size_t)n, sizeof(int)),
             .line = tape_alloc(tape, 2 * (size_t)n, sizeof(int))};
  for (int b = 0; b < n; b++) {
    const Ids *s = &sources[b];
    int words = document_of(s, e->config->separator);
    cut.first[b] = cut.n;
    add(&cut, tape, b, s, 0, words < 0 ? s->n : words);
    if (words >= 0) add(&cut, tape, b, s, words + 1, s->n - words - 1);
  }
  return cut;
}

/* Each part has noise of its own. */
static Noise noise_of_parts(const Noise *noise, Tape *tape, const Cut *cut) {
  int *row = tape_alloc(tape, (size_t)cut->n, sizeof *row);
  Noise own = *noise;
  for (int p = 0; p < cut->n; p++) row[p] = 2 * noise->row[cut->line[p]] + (p - cut->first[cut->line[p]]);
  own.row = row;
  return own;
}

/* Lines of parts that adjoin. */
static Places join_places(Tape *tape, const Places *parts, const Cut *cut, int n) {
  int *start = tape_alloc(tape, (size_t)n, sizeof *start), *length = tape_alloc(tape, (size_t)n, sizeof *length);
  int longest = 0;
  for (int b = 0; b < n; b++) {
    start[b] = parts->start[cut->first[b]];
    length[b] = 0;
  }
  for (int p = 0; p < cut->n; p++) length[cut->line[p]] += parts->length[p];
  for (int b = 0; b < n; b++) longest = length[b] > longest ? length[b] : longest;
  return (Places){.n_sent = n, .longest = longest, .start = start, .length = length};
}

static Passage passage_of(const Places *parts, int first, int query) {
  Passage p = {.document = parts->start[first], .n_document = parts->length[first] - 1};
  p.query = parts->start[query];
  p.n_query = query > first ? parts->length[query] - 1 : 0;
  if (p.n_query > 0) return p;
  p.query += parts->length[query] - 1;
  p.n_query = 1;
  return p;
}

static const int32_t *find_ids(Tape *tape, const Places *places, const Ids *sources) {
  int n = 0;
  for (int b = 0; b < places->n_sent; b++) n += places->length[b];
  int32_t *ids = tape_alloc(tape, (size_t)n, sizeof *ids), *to = ids;
  for (int b = 0; b < places->n_sent; b++) {
    for (int i = 0; i < sources[b].n; i++) *to++ = sources[b].at[i];
    *to++ = ID_EOS;
  }
  return ids;
}

Encoded *cloze_encode(const Encoder *e, Tape *tape, const Ids *sources, int n, const Noise *noise) {
  const Cut cut = cut_sources(e, tape, sources, n);
  Noise own;
  if (noise != NULL) own = noise_of_parts(noise, tape, &cut);
  Encoded *out = encoder_run(e, tape, cut.parts, cut.n, noise == NULL ? NULL : &own);
  int *query = tape_alloc(tape, (size_t)n, sizeof *query);
  out->passages = tape_alloc(tape, (size_t)n, sizeof *out->passages);
  for (int b = 0; b < n; b++) {
    query[b] = (b + 1 < n ? cut.first[b + 1] : cut.n) - 1;
    out->passages[b] = passage_of(&out->side->places, cut.first[b], query[b]);
  }
  out->places = join_places(tape, &out->side->places, &cut, n);
  out->first = cut.first;
  out->query = query;
  out->ids = find_ids(tape, &out->places, sources);
  return out;
}
