#include "eval/metric_input.h"

#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "eval/link_texts.h"
#include "eval/references.h"
#include "text/lines.h"

/* A file: of text, or of links. */
typedef struct Reader {
  Lines *lines;
  LinkFile *links;
  bool ended;
  PharaohLinks read;
  Str printed;
  MetricText text; /* the present line */
} Reader;

struct MetricInput {
  const MetricFiles *files;
  Warnings *warnings;
  Reader *readers; /* [n] outputs, references, source */
  int n, n_systems, n_references;
  References *table;
  LinkTexts *texts;  /* of links, or NULL */
  MetricText *found; /* [n_references] */
  long n_lines;
};

/* ---- Opening. */

static bool check_files(const MetricFiles *f, Err *err) {
  const char *const paths[] = {f->hypothesis, f->rival, f->table, f->source, f->target};
  int n = path_count_standard(paths, (int)(sizeof paths / sizeof *paths));
  return path_check_standard(n + path_count_standard(f->references, f->n_references), err);
}

static bool open_text(MetricInput *in, const char *path, Warnings *warnings, Err *err) {
  Reader *r = &in->readers[in->n];
  r->lines = lines_open(path, warnings, err);
  in->n += r->lines != NULL;
  return r->lines != NULL;
}

static bool open_links(MetricInput *in, const char *path, const LinkFileOptions *options, Warnings *warnings,
                       Err *err) {
  Reader *r = &in->readers[in->n];
  r->links = link_file_open(path, options, warnings, err);
  in->n += r->links != NULL;
  return r->links != NULL;
}

static bool open_all_links(MetricInput *in, bool from_1, Warnings *warnings, Err *err) {
  static const char align[] = "`attn-seq2seq align --from-1 FILE` makes them count from 0";
  const MetricFiles *f = in->files;
  if (f->n_references != 1) return err_set(err, ERR_USAGE, "aer takes one reference a line, not %d", f->n_references);
  LinkFileOptions output = {.cure = align}, reference = {from_1, "say --from-1"};
  if (!open_links(in, f->hypothesis, &output, warnings, err)) return false;
  if (f->rival != NULL && !open_links(in, f->rival, &output, warnings, err)) return false;
  for (int i = 0; i < f->n_references; i++)
    if (!open_links(in, f->references[i], &reference, warnings, err)) return false;
  if (f->source == NULL) return true;
  in->texts = link_texts_open(f->source, f->target, warnings, err);
  return in->texts != NULL;
}

static bool open_all(MetricInput *in, Warnings *warnings, Err *err) {
  const MetricFiles *f = in->files;
  if (!open_text(in, f->hypothesis, warnings, err)) return false;
  if (f->rival != NULL && !open_text(in, f->rival, warnings, err)) return false;
  for (int i = 0; i < f->n_references; i++)
    if (!open_text(in, f->references[i], warnings, err)) return false;
  if (f->table != NULL && (in->table = references_load(f->table, warnings, err)) == NULL) return false;
  return f->source == NULL || open_text(in, f->source, warnings, err);
}

MetricInput *metric_input_open(const MetricFiles *files, bool links, bool from_1, Warnings *warnings, Err *err) {
  if (!check_files(files, err)) return NULL;
  size_t most = (size_t)files->n_references + N_METRIC_SYSTEMS + 1;
  MetricInput *in = mem_zero(1, sizeof *in, "metric");
  *in = (MetricInput){.files = files,
                      .warnings = warnings,
                      .n_systems = files->rival != NULL ? 2 : 1,
                      .n_references = files->n_references};
  in->readers = mem_zero(most, sizeof *in->readers, "metric");
  in->found = mem_zero(most, sizeof *in->found, "metric");
  if (links ? open_all_links(in, from_1, warnings, err) : open_all(in, warnings, err)) return in;
  metric_input_close(in);
  return NULL;
}

void metric_input_close(MetricInput *in) {
  if (in == NULL) return;
  for (int i = 0; i < in->n; i++) {
    lines_close(in->readers[i].lines);
    link_file_close(in->readers[i].links);
    pharaoh_free(&in->readers[i].read);
    str_free(&in->readers[i].printed);
  }
  references_free(in->table);
  link_texts_close(in->texts);
  mem_free(in->readers);
  mem_free(in->found);
  mem_free(in);
}

/* ---- Reading. */

static const char *path_of(const Reader *r) {
  return r->links != NULL ? link_file_path(r->links) : lines_path(r->lines);
}

/* A file that need not have a line for every sentence. */
static bool is_sparse(const Reader *r) { return r->links != NULL && link_file_sparse(r->links); }

static int read_line(Reader *r, const LinkLengths *lengths, Err *err) {
  if (r->ended) return 0;
  int got = r->links != NULL ? link_file_next(r->links, lengths, &r->read, err)
                             : lines_next(r->lines, &r->text.at, &r->text.n, err);
  r->ended = got == 0;
  if (r->links == NULL || got < 0) return got;
  str_clear(&r->printed);
  pharaoh_print(&r->printed, &r->read);
  r->text = (MetricText){str_text(&r->printed), r->printed.n};
  return got;
}

/* Reads on to the end; the number of lines or sentences, or -1. */
static long count(Reader *r, Err *err) {
  int got = 1;
  while (got == 1) got = read_line(r, NULL, err);
  if (got < 0) return -1;
  return r->links != NULL ? link_file_sentence(r->links) : lines_number(r->lines);
}

/* One of the files has ended before another. */
static int unequal(MetricInput *in, Err *err) {
  long first = count(&in->readers[0], err), n = first;
  const char *path = NULL;
  for (int i = 1; i < in->n && n >= 0 && n == first; i++) {
    n = count(&in->readers[i], err);
    path = path_of(&in->readers[i]);
  }
  if (in->texts != NULL && n == first && n >= 0) {
    n = link_texts_count(in->texts, err);
    path = link_texts_path(in->texts);
  }
  if (first >= 0 && n >= 0)
    (void)err_set(err, ERR_FILE,
                  "%s: %ld lines, %s: %ld lines; each line of the one is compared with the same line of the other",
                  path_of(&in->readers[0]), first, path, n);
  return -1;
}

int metric_input_next(MetricInput *in, Err *err) {
  LinkLengths lengths;
  bool more = false, end = false, sparse = false;
  if (in->texts != NULL) {
    int got = link_texts_next(in->texts, &lengths, err);
    if (got < 0) return got;
    (got == 1) ? (more = true) : (end = true);
  }
  for (int i = 0; i < in->n; i++) {
    int got = read_line(&in->readers[i], in->texts != NULL && more ? &lengths : NULL, err);
    if (got < 0) return got;
    if (is_sparse(&in->readers[i])) sparse = sparse || got == 1;
    else if (got == 1) more = true;
    else end = true;
  }
  if (end && (more || sparse)) return unequal(in, err);
  if (!more && !sparse) return 0;
  in->n_lines++;
  return 1;
}

long metric_input_number(const MetricInput *in) { return in->n_lines; }

MetricText metric_input_output(const MetricInput *in, MetricSystem system) { return in->readers[system].text; }

MetricText metric_input_source(const MetricInput *in) {
  bool has = in->files->source != NULL && in->texts == NULL;
  return has ? in->readers[in->n - 1].text : (MetricText){"", 0};
}

static bool look_up(MetricInput *in, MetricLine *line, Err *err) {
  const Reader *source = &in->readers[in->n - 1];
  line->reference_path = references_path(in->table);
  line->references = references_find(in->table, &source->text, &line->n_references);
  return line->references != NULL || err_set(err, ERR_FILE, "%s:%ld: \"%.*s\" has no reference in %s", path_of(source),
                                             in->n_lines, (int)source->text.n, source->text.at, line->reference_path);
}

bool metric_input_references(MetricInput *in, MetricLine *line, Err *err) {
  line->line = in->n_lines;
  if (in->table != NULL) return look_up(in, line, err);
  for (int i = 0; i < in->n_references; i++) in->found[i] = in->readers[in->n_systems + i].text;
  line->references = in->found;
  line->n_references = in->n_references;
  line->reference_path = path_of(&in->readers[in->n_systems]);
  return true;
}

const char *metric_input_path(const MetricInput *in, MetricSystem system) { return path_of(&in->readers[system]); }

void metric_input_tell(const MetricInput *in) {
  for (int i = 0; i < in->n; i++) {
    const Reader *r = &in->readers[i];
    if (r->links != NULL) link_file_tell(r->links);
    if (is_sparse(r) && link_file_sentence(r->links) < in->n_lines)
      warnings_tell(in->warnings, "%s: its last sentence is %ld of %ld; those after it count as without links",
                    path_of(r), link_file_sentence(r->links), in->n_lines);
  }
}
