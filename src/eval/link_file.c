#include "eval/link_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/lines.h"

enum {
  MOST = 99999999,      /* highest sentence number and position */
  MOST_EMPTY = 1000000, /* sentences without links between two with some */
  SHOWN = 40            /* bytes of a bad line that a message shows */
};

typedef enum Form { FORM_UNKNOWN, FORM_PHARAOH, FORM_TABLE, FORM_SOFT } Form;

static const char *const form_names[] = {"", "Pharaoh links", "a link a line (sentence i j)", "a soft alignment"};

/* A line without what stands before its links. */
typedef struct Line {
  const char *at;
  size_t n;
  bool numbered, after_text;
  long number;
} Line;

/* A link of the table of links. */
typedef struct Row {
  long sentence;
  PharaohLink link;
  bool null;
} Row;

struct LinkFile {
  Lines *lines;
  Warnings *warnings;
  LinkFileOptions options;
  long n_sentences;
  Form form;
  bool numbered, after_text; /* every line is, from the first that is not empty on */
  long first_number, n_empty;
  bool ended; /* of a table: its last line has been read */
  bool has_row;
  Row row;              /* the first link of a sentence to come */
  bool settled, closed; /* whether links of `</s>` are known to be there or not; they are */
  bool has_zero;
  long n_links, n_null, n_end; /* all, of the null word, of `</s>` */
};

LinkFile *link_file_open(const char *path, const LinkFileOptions *options, Warnings *warnings, Err *err) {
  Lines *lines = lines_open(path, warnings, err);
  if (lines == NULL) return NULL;
  LinkFile *f = mem_zero(1, sizeof *f, "links");
  *f = (LinkFile){.lines = lines, .warnings = warnings, .options = *options};
  return f;
}

void link_file_close(LinkFile *f) {
  if (f == NULL) return;
  lines_close(f->lines);
  mem_free(f);
}

long link_file_sentence(const LinkFile *f) { return f->n_sentences; }
long link_file_line(const LinkFile *f) { return lines_number(f->lines); }
const char *link_file_path(const LinkFile *f) { return lines_path(f->lines); }
bool link_file_sparse(const LinkFile *f) { return f->form == FORM_TABLE; }

/* ---- Fields. */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* The next word at *at, which moves behind it; its bytes in *n, 0 at the end. */
static const char *word(const char **at, const char *end, size_t *n) {
  while (*at < end && is_blank(**at)) ++*at;
  const char *from = *at;
  while (*at < end && !is_blank(**at)) ++*at;
  *n = (size_t)(*at - from);
  return from;
}

/* Digits only, at most MOST. */
static bool whole(const char *at, size_t n, long *value) {
  *value = 0;
  for (size_t i = 0; i < n; i++) {
    if (at[i] < '0' || at[i] > '9') return false;
    *value = *value * 10 + (at[i] - '0');
    if (*value > MOST) return false;
  }
  return n > 0;
}

/* A number from 0 to 1, as programs print it. */
static bool share(const char *at, size_t n, double *value) {
  char text[40], *end;
  if (n == 0 || n >= sizeof text) return false;
  memcpy(text, at, n);
  text[n] = '\0';
  if (strspn(text, "0123456789.eE+-") != n) return false;
  *value = strtod(text, &end);
  return *end == '\0' && *value >= 0 && *value <= 1.001;
}

static bool fail(const LinkFile *f, const char *at, size_t n, const char *what, Err *err) {
  return err_set(err, ERR_FILE, "%s:%ld: \"%.*s\" %s", link_file_path(f), link_file_line(f),
                 (int)(n > SHOWN ? SHOWN : n), at, what);
}

static int bad_line(const LinkFile *f, const char *what, Err *err) {
  (void)err_set(err, ERR_FILE, "%s:%ld: %s", link_file_path(f), link_file_line(f), what);
  return -1;
}

/* ---- What stands before the links. */

static const char BAR[] = "|||";
enum { N_BAR = sizeof BAR - 1 };

/* The last `|||` that stands alone, or NULL. */
static const char *last_bar(const char *at, size_t n) {
  for (size_t i = n < N_BAR ? 0 : n - N_BAR + 1; i-- > 0;) {
    bool alone = (i == 0 || is_blank(at[i - 1])) && (i + N_BAR == n || is_blank(at[i + N_BAR]));
    if (alone && memcmp(at + i, BAR, N_BAR) == 0) return at + i;
  }
  return NULL;
}

static Line line_of(const char *at, size_t n) {
  Line line = {.at = at, .n = n};
  const char *bar = last_bar(at, n), *tab = memchr(at, '\t', n), *next = tab == NULL ? NULL : tab + 1;
  size_t length = 0;
  if (bar != NULL) {
    line.after_text = true;
    line.at = bar + N_BAR;
    line.n = n - (size_t)(line.at - at);
    return line;
  }
  if (tab == NULL || !whole(at, (size_t)(tab - at), &line.number)) return line;
  const char *second = word(&next, at + n, &length);
  long ignored;
  if (whole(second, length, &ignored)) return line; /* a table between tabs */
  line.numbered = true;
  line.at = tab + 1;
  line.n = n - (size_t)(line.at - at);
  return line;
}

static Form form_of(const Line *line) {
  enum { PLACES = 3 }; /* sentence and positions */
  const char *at = line->at, *end = line->at + line->n;
  size_t n;
  long ignored;
  int n_whole = 0;
  for (const char *field = word(&at, end, &n); n_whole < PLACES && whole(field, n, &ignored); n_whole++)
    field = word(&at, end, &n);
  if (n_whole == PLACES && !line->numbered && !line->after_text) return FORM_TABLE;
  at = line->at;
  const char *first = word(&at, end, &n);
  bool weights = n > 0 && strchr("0123456789.", *first) != NULL && memchr(first, ',', n) != NULL;
  return weights ? FORM_SOFT : FORM_PHARAOH;
}

static bool is_empty(const char *at, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!is_blank(at[i])) return false;
  return true;
}

/* The number of the line is the one after that of the line before; the first is 0 or 1. */
static bool check_number(LinkFile *f, const Line *line, Err *err) {
  if (f->n_sentences == 0) f->first_number = line->number;
  if (line->number == f->first_number + f->n_sentences && f->first_number <= 1) return true;
  return err_set(err, ERR_FILE,
                 "%s:%ld: sentence %ld, where %ld should stand: the numbers before the tab count up by one "
                 "from 0 or 1",
                 link_file_path(f), link_file_line(f), line->number,
                 f->first_number <= 1 ? f->first_number + f->n_sentences : 0);
}

/* Settles the form of the file, or holds the line to it. */
static bool check_form(LinkFile *f, const Line *line, Err *err) {
  Form form = form_of(line);
  if (f->form == FORM_UNKNOWN) {
    bool late = f->n_empty > 0 && (form == FORM_TABLE || line->numbered || line->after_text);
    f->form = form;
    f->numbered = line->numbered;
    f->after_text = line->after_text;
    if (late) return fail(f, line->at, line->n, "stands after empty lines, which its form does not have", err);
  }
  const char *what = f->numbered      ? "has no number and tab before it, as the lines before have"
                     : f->after_text  ? "has no text and ||| before it, as the lines before have"
                     : line->numbered ? "has a number before it, but the lines before have none"
                                      : "has a text before it, but the lines before have none";
  if (line->numbered != f->numbered || line->after_text != f->after_text) return fail(f, line->at, line->n, what, err);
  if (f->numbered && !check_number(f, line, err)) return false;
  if (form == f->form || line->n == 0 || is_empty(line->at, line->n)) return true;
  /* A single source token is a soft alignment without commas; a bad link is told as such. */
  if (f->form == FORM_SOFT || form == FORM_PHARAOH) return true;
  return err_set(err, ERR_FILE, "%s:%ld: \"%.*s\" looks like %s, but the lines before are %s; a file is of one form",
                 link_file_path(f), link_file_line(f), (int)(line->n > SHOWN ? SHOWN : line->n), line->at,
                 form_names[form], f->form == FORM_TABLE ? "links, one a line" : "Pharaoh links");
}

/* ---- Pharaoh links. */

/* Whether the line is one of Marian's, which link every target word and `</s>`: then one of its words stands at 0,
 * which links that count from 1 never do. */
static void settle(LinkFile *f, const LinkLengths *lengths, const PharaohLinks *links) {
  int n_targets = 0, last = -1;
  if (f->settled || links->n == 0) return;
  f->settled = true;
  for (int t = 0; t <= lengths->target && n_targets == t; t++)
    for (int i = 0; i < links->n && n_targets == t; i++) {
      n_targets += links->at[i].target == t;
      if (links->at[i].target == t) last = t;
    }
  f->closed = last == lengths->target;
}

static bool outside(const LinkFile *f, const PharaohLink *link, const LinkLengths *l, Err *err) {
  bool next = link->source <= l->source && link->target <= l->target && !f->has_zero && !f->options.from_1;
  bool turned = link->source < l->target && link->target < l->source;
  int shift = f->options.from_1 ? 1 : 0;
  (void)err_set(err, ERR_FILE,
                "%s:%ld: the link %d%c%d is outside its pair, which has %d words of source and %d of target; "
                "positions count from %d, source first",
                link_file_path(f), link_file_line(f), link->source + shift, link->sure ? '-' : '?',
                link->target + shift, l->source, l->target, shift);
  if (next)
    return err_add(err, ERR_FILE, "position 0 has not occurred so far: if they count from 1, %s", f->options.cure);
  if (turned)
    return err_add(err, ERR_FILE, "it would fit target first: `attn-seq2seq align --turn FILE` turns links round");
  return false;
}

/* Drops the links of `</s>`; links beyond are an error. */
static bool check_lengths(LinkFile *f, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  int kept = 0;
  settle(f, lengths, links);
  for (int i = 0; i < links->n; i++) {
    const PharaohLink *link = &links->at[i];
    bool end = link->source == lengths->source || link->target == lengths->target;
    if (link->source > lengths->source || link->target > lengths->target || (end && !f->closed))
      return outside(f, link, lengths, err);
    if (!end) links->at[kept++] = *link;
  }
  f->n_end += links->n - kept;
  links->n = kept;
  return true;
}

static bool count_from_0(LinkFile *f, PharaohLinks *links, Err *err) {
  for (int i = 0; i < links->n; i++) {
    PharaohLink *link = &links->at[i];
    bool zero = link->source == 0 || link->target == 0;
    if (zero && f->options.from_1)
      return err_set(err, ERR_FILE,
                     "%s:%ld: the link %d%c%d has position 0: these links count from 0; leave --from-1 out",
                     link_file_path(f), link_file_line(f), link->source, link->sure ? '-' : '?', link->target);
    f->has_zero = f->has_zero || zero;
    link->source -= f->options.from_1;
    link->target -= f->options.from_1;
  }
  return true;
}

static bool read_pharaoh(LinkFile *f, const Line *line, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  if (!pharaoh_parse(links, line->at, line->n, link_file_path(f), link_file_line(f), err)) return false;
  f->n_links += links->n;
  return count_from_0(f, links, err) && (lengths == NULL || check_lengths(f, lengths, links, err));
}

/* ---- Soft alignments. */

/* The position of most weight in a row, in *best, and how many positions it has. The weights of a row are shares of one
 * token's attention: pairs of positions with commas between are not. */
static bool heaviest(const char *at, size_t n, int *best, int *n_columns) {
  const char *end = at + n;
  double most = -1, sum = 0;
  *best = 0;
  for (*n_columns = 0; at <= end; ++*n_columns) {
    const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma == NULL ? end : comma;
    double value;
    if (!share(at, (size_t)(stop - at), &value)) return false;
    if (value > most) *best = *n_columns;
    if (value > most) most = value;
    sum += value;
    at = stop + 1;
  }
  return fabs(sum - 1) < 0.1;
}

static bool read_soft(LinkFile *f, const Line *line, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  const char *at = line->at, *end = line->at + line->n;
  int rows = 0, columns = 0, best, n_columns;
  size_t n;
  for (const char *row; row = word(&at, end, &n), n > 0; rows++) {
    if (!heaviest(row, n, &best, &n_columns))
      return fail(f, row, n, "is not a row of a soft alignment: weights from 0 to 1 with commas between, 1 in all",
                  err);
    if (rows > 0 && n_columns != columns)
      return fail(f, row, n, "has another number of weights than the rows before", err);
    columns = n_columns;
    if (best < columns - 1) pharaoh_add(links, (PharaohLink){best, rows, true});
  }
  /* The last row is that of `</s>`. */
  while (links->n > 0 && links->at[links->n - 1].target >= rows - 1) links->n--;
  pharaoh_sort(links);
  f->n_links += links->n;
  f->has_zero = true;
  if (lengths == NULL || rows == 0 || (columns == lengths->source + 1 && rows == lengths->target + 1)) return true;
  return err_set(
      err, ERR_FILE,
      "%s:%ld: %d rows of %d weights for %d words of target and %d of source; each side has one more, for </s>",
      link_file_path(f), link_file_line(f), rows, columns, lengths->target, lengths->source);
}

/* ---- A link a line. */

static const char NOT_ROW[] =
    "is not a link; write SENTENCE I J [S|P] [CONFIDENCE]: positions of source and target from 1, sure or possible";

static bool row_of(const LinkFile *f, const char *text, size_t length, Row *row, Err *err) {
  const char *at = text, *end = text + length;
  long place[3];
  size_t n;
  for (int i = 0; i < 3; i++) {
    const char *field = word(&at, end, &n);
    if (!whole(field, n, &place[i])) return fail(f, text, length, NOT_ROW, err);
  }
  const char *field = word(&at, end, &n);
  bool marked = n == 1 && (*field == 'S' || *field == 'P');
  *row =
      (Row){place[0], {(int)place[1] - 1, (int)place[2] - 1, !marked || *field == 'S'}, place[1] == 0 || place[2] == 0};
  if (marked) field = word(&at, end, &n);
  double confidence;
  if ((n > 0 && !share(field, n, &confidence)) || !is_empty(at, (size_t)(end - at)) || place[0] == 0)
    return fail(f, text, length, NOT_ROW, err);
  return true;
}

/* 1: the next row is in f->row. 0: the end. -1: an error. line: one read already, or NULL. */
static int next_row(LinkFile *f, const Line *line, Err *err) {
  Line read = {0};
  const char *at;
  size_t n;
  long before = f->row.sentence;
  int got = 1;
  if (line == NULL) {
    got = lines_next(f->lines, &at, &n, err);
    if (got == 1 && is_empty(at, n)) return bad_line(f, "an empty line; each of the lines before is a link", err);
    if (got != 1) return got;
    read = line_of(at, n);
    line = &read;
    if (!check_form(f, line, err)) return -1;
  }
  if (!row_of(f, line->at, line->n, &f->row, err)) return -1;
  if (f->row.sentence < before || f->row.sentence - before > MOST_EMPTY) {
    (void)err_set(err, ERR_FILE,
                  "%s:%ld: sentence %ld after sentence %ld: the first column is the number of a sentence, "
                  "and counts up",
                  link_file_path(f), link_file_line(f), f->row.sentence, before);
    return -1;
  }
  return 1;
}

static bool take_row(LinkFile *f, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  const PharaohLink *link = &f->row.link;
  f->n_links++;
  f->has_zero = true;
  f->n_null += f->row.null;
  if (f->row.null) return true;
  if (lengths != NULL && (link->source >= lengths->source || link->target >= lengths->target))
    return err_set(
        err, ERR_FILE,
        "%s:%ld: the link %d %d is outside its pair, which has %d words of source and %d of target; positions "
        "count from 1, source first",
        link_file_path(f), link_file_line(f), link->source + 1, link->target + 1, lengths->source, lengths->target);
  pharaoh_add(links, *link);
  return true;
}

/* The links of sentence f->n_sentences + 1; f->row is its first or a later one's. */
static int read_rows(LinkFile *f, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  int got = 1;
  while (f->has_row && f->row.sentence == f->n_sentences + 1) {
    if (!take_row(f, lengths, links, err)) return -1;
    got = next_row(f, NULL, err);
    if (got < 0) return got;
    f->has_row = got == 1;
  }
  pharaoh_sort(links);
  return 1;
}

/* ---- Sentences. */

static int next(LinkFile *f, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  const char *at;
  size_t n;
  if (f->form == FORM_TABLE) return f->has_row ? read_rows(f, lengths, links, err) : 0;
  int got = lines_next(f->lines, &at, &n, err);
  if (got != 1) return got;
  Line line = line_of(at, n);
  bool empty = is_empty(at, n);
  f->n_empty += empty;
  if (empty && (f->numbered || f->after_text))
    return bad_line(f, "an empty line; those before have something before their links", err);
  if (empty) return 1;
  if (!check_form(f, &line, err)) return -1;
  if (f->form == FORM_PHARAOH) return read_pharaoh(f, &line, lengths, links, err) ? 1 : -1;
  if (f->form == FORM_SOFT) return read_soft(f, &line, lengths, links, err) ? 1 : -1;
  got = next_row(f, &line, err);
  f->has_row = got == 1;
  return got == 1 ? read_rows(f, lengths, links, err) : got;
}

int link_file_next(LinkFile *f, const LinkLengths *lengths, PharaohLinks *links, Err *err) {
  pharaoh_clear(links);
  int got = next(f, lengths, links, err);
  f->n_sentences += got == 1;
  return got;
}

void link_file_tell(const LinkFile *f) {
  const char *path = link_file_path(f);
  if (f->n_links > 0 && !f->has_zero && !f->options.from_1)
    warnings_tell(f->warnings, "%s: position 0 occurs in none of its %ld links: if they count from 1, %s", path,
                  f->n_links, f->options.cure);
  if (f->n_null > 0)
    warnings_tell(f->warnings, "%s: %ld links of the null word (position 0) are left out", path, f->n_null);
  if (f->n_end > 0)
    warnings_tell(f->warnings, "%s: %ld links of </s>, as Marian writes them, are left out", path, f->n_end);
}
