/* cmd_align.c - one word alignment from those of two directions, or links of any form as Pharaoh links. */
#include <string.h>

#include "base/path.h"
#include "cli/command.h"
#include "cli/output.h"
#include "eval/link_texts.h"
#include "eval/symmetrise.h"

typedef struct Options {
  int method;
  bool source_target, from_1, turn;
  const char *source, *target;
} Options;

static const Option table[] = {
    OPT_CHOICE(Options, method, "method", 0, symmetrise_names, "grow-diag-final-and",
               "which links of the two directions are taken"),
    OPT_FLAG(Options, source_target, "source-target", 0,
             "REVERSE too has its links source first, as eflomal and fast_align -r write them"),
    OPT_FLAG(Options, from_1, "from-1", 0, "the links of the files count from 1"),
    OPT_FLAG(Options, turn, "turn", 0, "print the links target first"),
    OPT_TEXT(Options, source, "source", 0, "FILE", NULL, "with --target: the text, to check the links against"),
    OPT_TEXT(Options, target, "target", 0, "FILE", NULL, "with --source: its other side"),
};

static void notes(Str *out) {
  str_adds(out,
           "\nFORWARD has links source-target, REVERSE target-source. FORWARD alone, in any form that is read, is "
           "printed as\nPharaoh links.\n");
}

enum { FORWARD, REVERSE, N_SIDES };

/* The files, sentence by sentence. */
typedef struct Sides {
  const Options *options;
  int n;
  LinkFile *files[N_SIDES];
  LinkTexts *texts;            /* or NULL */
  PharaohLinks links[N_SIDES]; /* of the present sentence, those of REVERSE target first */
  long n_least, n_met,
      n_met_turned; /* so far: links of the side that has fewer; met, met if REVERSE were turned round */
} Sides;

static void turn(PharaohLinks *links) {
  for (int i = 0; i < links->n; i++)
    links->at[i] = (PharaohLink){links->at[i].target, links->at[i].source, links->at[i].sure};
  pharaoh_sort(links);
}

static bool check_sure(const Sides *s, int side, Err *err) {
  const LinkFile *file = s->files[side];
  for (int i = 0; s->n == N_SIDES && i < s->links[side].n; i++) {
    const PharaohLink *link = &s->links[side].at[i];
    if (!link->sure)
      return err_set(err, ERR_FILE, "%s:%ld: %d?%d: only a reference has possible links; write %d-%d",
                     link_file_path(file), link_file_line(file), link->source, link->target, link->source,
                     link->target);
  }
  return true;
}

/* 1, 0 at the end, -1: an error. */
static int read_side(Sides *s, int side, const LinkLengths *lengths, Err *err) {
  LinkLengths turned;
  bool reverse = side == REVERSE && !s->options->source_target;
  if (lengths != NULL) turned = (LinkLengths){lengths->target, lengths->source};
  int got = link_file_next(s->files[side], lengths != NULL && reverse ? &turned : lengths, &s->links[side], err);
  if (got == 1 && !check_sure(s, side, err)) return -1;
  if (got == 1 && side == REVERSE && !reverse) turn(&s->links[side]);
  return got;
}

/* One of the files has ended before another: counts the sentences of both. */
static int unequal(Sides *s, Err *err) {
  for (int side = 0; side < s->n; side++) {
    int got;
    while ((got = link_file_next(s->files[side], NULL, &s->links[side], err)) == 1) continue;
    if (got < 0) return -1;
  }
  long n_texts = s->texts == NULL ? 0 : link_texts_count(s->texts, err);
  const LinkFile *first = s->files[0], *last = s->files[s->n - 1];
  long n_first = link_file_sentence(first), n_last = link_file_sentence(last);
  if (n_texts < 0) return -1;
  if (n_first != n_last)
    (void)err_set(err, ERR_FILE, "%s: %ld lines, %s: %ld lines; they must be alignments of the same text",
                  link_file_path(first), n_first, link_file_path(last), n_last);
  else
    (void)err_set(err, ERR_FILE, "%s: %ld lines, %s: %ld lines; they must be the text and its alignment",
                  link_texts_path(s->texts), n_texts, link_file_path(first), n_first);
  return -1;
}

/* 1: links of all files. 0: their end. -1: an error. A file without lines for sentences without links may end first. */
static int next(Sides *s, Err *err) {
  LinkLengths lengths;
  bool more = false, end = false, sparse = false;
  int got = s->texts == NULL ? 0 : link_texts_next(s->texts, &lengths, err);
  if (got < 0) return got;
  if (s->texts != NULL) more = got == 1;
  if (s->texts != NULL) end = got == 0;
  for (int side = 0; side < s->n; side++) {
    got = read_side(s, side, s->texts != NULL && more ? &lengths : NULL, err);
    if (got < 0) return got;
    if (link_file_sparse(s->files[side])) sparse = sparse || got == 1;
    else if (got == 1) more = true;
    else end = true;
  }
  if (end && (more || sparse)) return unequal(s, err);
  return more || sparse;
}

/* How many links both have, forward source first, reverse target first or not. */
static int met(const PharaohLinks *forward, const PharaohLinks *reverse, bool turned) {
  int n = 0;
  PharaohLinks other = {0};
  for (int i = 0; i < reverse->n; i++) pharaoh_add(&other, reverse->at[i]);
  if (!turned) turn(&other);
  for (int f = 0, r = 0; f < forward->n && r < other.n;) {
    const PharaohLink *a = &forward->at[f], *b = &other.at[r];
    int order = a->source != b->source ? a->source - b->source : a->target - b->target;
    n += order == 0;
    f += order <= 0;
    r += order >= 0;
  }
  pharaoh_free(&other);
  return n;
}

static void count(Sides *s) {
  const PharaohLinks *f = &s->links[FORWARD], *r = &s->links[REVERSE];
  s->n_least += f->n < r->n ? f->n : r->n;
  s->n_met += met(f, r, false);
  s->n_met_turned += met(f, r, true);
}

/* Alignments of one text in two directions have most links in common. */
static void tell(const Sides *s, Warnings *warnings) {
  enum { HARDLY = 5 }; /* one in so many */
  const char *forward = link_file_path(s->files[0]), *reverse = link_file_path(s->files[s->n - 1]);
  for (int side = 0; side < s->n; side++) link_file_tell(s->files[side]);
  if (s->n < N_SIDES || s->n_least == 0) return;
  if (s->n_met_turned > s->n_met)
    warnings_tell(warnings,
                  "%s and %s have %ld links in common, but would have %ld if the links of %s stood %s first: %s "
                  "--source-target",
                  forward, reverse, s->n_met, s->n_met_turned, reverse, s->options->source_target ? "target" : "source",
                  s->options->source_target ? "leave out" : "say");
  else if (s->n_met * HARDLY < s->n_least)
    warnings_tell(warnings, "%s and %s have only %ld of %ld links in common: are they alignments of the same text?",
                  forward, reverse, s->n_met, s->n_least);
}

static bool print(Sides *s, PharaohLinks *links, Str *line, Err *err) {
  if (s->options->turn) turn(links);
  str_clear(line);
  pharaoh_print(line, links);
  str_addc(line, '\n');
  return output_write(str_text(line), line->n, err);
}

static void align(Sides *s, Warnings *warnings, Err *err) {
  Symmetrise room = {0};
  PharaohLinks links = {0};
  Str line = {0};
  bool both = s->n == N_SIDES, ok = true;
  int got = 1;
  while (ok && (got = next(s, err)) == 1) {
    if (both) count(s);
    if (both) symmetrise(&room, (SymmetriseMethod)s->options->method, &s->links[FORWARD], &s->links[REVERSE], &links);
    ok = print(s, both ? &links : &s->links[FORWARD], &line, err);
  }
  if (ok && got == 0) tell(s, warnings);
  str_free(&line);
  pharaoh_free(&links);
  symmetrise_free(&room);
}

static bool check(const Options *o, const char *const *paths, int n, Err *err) {
  const char *const texts[] = {o->source, o->target};
  if (!path_check_standard(path_count_standard(paths, n) + path_count_standard(texts, 2), err)) return false;
  if ((o->source == NULL) != (o->target == NULL))
    return err_set(err, ERR_USAGE, "align: --source and --target go together");
  return n == N_SIDES || !o->source_target ||
         err_set(err, ERR_USAGE, "align: --source-target is about REVERSE; give that too");
}

static bool open_all(Sides *s, const char *const *paths, Warnings *warnings, Err *err) {
  const Options *o = s->options;
  LinkFileOptions options = {o->from_1, "say --from-1"};
  for (int side = 0; side < s->n; side++)
    if ((s->files[side] = link_file_open(paths[side], &options, warnings, err)) == NULL) return false;
  if (o->source != NULL) s->texts = link_texts_open(o->source, o->target, warnings, err);
  return o->source == NULL || s->texts != NULL;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  Warnings warnings = {.warn = output_warn};
  Sides sides = {.options = options, .n = n_arguments};
  if (!check(options, arguments, n_arguments, err)) return (int)err->kind;
  if (open_all(&sides, arguments, &warnings, err)) align(&sides, &warnings, err);
  warnings_end(&warnings);
  for (int side = 0; side < N_SIDES; side++) {
    link_file_close(sides.files[side]);
    pharaoh_free(&sides.links[side]);
  }
  link_texts_close(sides.texts);
  return (int)err->kind;
}

static const char *const examples[] = {"align forward.txt reverse.txt --method grow-diag > both.txt", NULL};

const Command cmd_align = {
    .name = "align",
    .arguments = "FORWARD [REVERSE]",
    .summary = "Make one word alignment of those of two directions",
    .notes = notes,
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 2,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
