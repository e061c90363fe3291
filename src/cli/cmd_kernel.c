/* cmd_kernel.c - Nadaraya-Watson regression of a few points: attention with nothing else around it. */
#include <math.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/command.h"
#include "cli/output.h"
#include "eval/alignment.h"
#include "eval/points.h"
#include "nn/model.h"
#include "nn/regression.h"
#include "text/tokens.h"

typedef struct Options {
  int kernel;
  const char *width, *queries, *output;
} Options;

enum { BOXCAR = 1, AVERAGE = 4, QUERIES = 51, MOST_QUERIES = 1 << 20 };
static const char *const kernel_names[] = {"gaussian", "boxcar", "triangular", "epanechnikov", "average", NULL};
static const ScoreKind kernels[] = {SCORE_gaussian, SCORE_boxcar, SCORE_triangular, SCORE_epanechnikov, SCORE_average};

static const Option table[] = {
    OPT_CHOICE(Options, kernel, "kernel", 0, kernel_names, "gaussian",
               "what makes weights of u = W |x - query|; average: the same of all"),
    OPT_TEXT(Options, width, "width", 0, "W|learn", "learn",
             "what distances are multiplied by; learn: what best tells each point from the others"),
    OPT_TEXT(Options, queries, "queries", 0, "FROM:TO:STEP", NULL,
             "where the curve is looked at [the range of x, in 50 steps]"),
    OPT_TEXT(Options, output, "output", 'o', "FOLDER", NULL,
             "write curve.csv, and weights.csv for heatmap, there [the curve to standard output]"),
};

typedef struct Work {
  const Options *options;
  const char *path;
  Points points;
  double *queries, *estimates;
  int n_queries;
  float *weights;
} Work;

static bool bad_queries(const char *text, const char *why, Err *err) {
  return err_set(err, ERR_USAGE, "kernel: --queries %s: %s; say FROM:TO:STEP, as in 0:5:0.1", text, why);
}

/* The parts of FROM:TO:STEP. */
static bool read_range(const char *text, double of[3]) {
  char *copy = mem_text(text, strlen(text)), *part = copy;
  int n = 0;
  bool ok = true;
  for (; ok && n < 3 && part != NULL; n++) {
    char *colon = strchr(part, ':');
    if (colon != NULL) *colon++ = '\0';
    ok = points_number(&of[n], part);
    part = colon;
  }
  mem_free(copy);
  return ok && n == 3 && part == NULL;
}

/* Where the curve is looked at, as many as n points leave room for. */
static bool find_queries(Work *w, Err *err) {
  const Points *p = &w->points;
  const char *text = w->options->queries;
  double of[3] = {p->x[0], p->x[p->n - 1], (p->x[p->n - 1] - p->x[0]) / (QUERIES - 1)}, n = QUERIES;
  if (text != NULL) {
    if (!read_range(text, of)) return bad_queries(text, "these are not three numbers", err);
    if (of[1] < of[0]) return bad_queries(text, "TO is below FROM", err);
    if (!(of[2] > 0)) return bad_queries(text, "STEP must be above 0", err);
    n = floor((of[1] - of[0]) / of[2] * (1 + 1e-9)) + 1;
  }
  if (n > MOST_QUERIES || n * p->n > MODEL_MOST_WEIGHTS)
    return err_set(err, ERR_USAGE, "kernel: %.0f queries of %d points: over the most, %d weights; take larger steps", n,
                   p->n, MODEL_MOST_WEIGHTS);
  w->n_queries = (int)n;
  w->queries = mem_alloc((size_t)w->n_queries, sizeof *w->queries, "queries");
  for (int i = 0; i < w->n_queries; i++) w->queries[i] = of[0] + i * of[2];
  return true;
}

static bool learns(const Options *o) { return o->kernel != AVERAGE && strcmp(o->width, "learn") == 0; }

static bool check_width(const Options *o, Err *err) {
  double width;
  if (o->kernel == AVERAGE && strcmp(o->width, "learn") != 0)
    output_warn(NULL, "kernel: --width has no effect on --kernel average");
  else if (o->kernel == BOXCAR && learns(o))
    return err_set(err, ERR_USAGE,
                   "kernel: a boxcar has no gradient that a width could be learned by: give --width W, say --width 1, "
                   "or another --kernel");
  else if (o->kernel != AVERAGE && !learns(o) && (!points_number(&width, o->width) || !(width > 0)))
    return err_set(err, ERR_USAGE, "kernel: --width %s: say a number above 0, or learn", o->width);
  return true;
}

static bool check_learning(const Work *w, Err *err) {
  const Points *p = &w->points;
  if (p->x[0] == p->x[p->n - 1])
    return err_set(err, ERR_FILE, "%s: all points are at x = %g, which tells no width; give --width W", w->path,
                   p->x[0]);
  if ((double)p->n * p->n > MODEL_MOST_WEIGHTS)
    return err_set(err, ERR_FILE, "%s: %d points are too many to learn a width from, the most is %.0f; give --width W",
                   w->path, p->n, floor(sqrt(MODEL_MOST_WEIGHTS)));
  return true;
}

static void tell(const Regression *r, bool learned) {
  Str text = {0};
  if (r->kernel != SCORE_average)
    str_addf(&text, "width %.6g%s: u is 1 at a distance of %.6g; ", r->width, learned ? ", learned" : "", 1 / r->width);
  str_addf(&text, "points lie off the curve of the others by %.6g (mean of the squares)", regression_error(r, NULL));
  output_note(str_text(&text));
  str_free(&text);
}

static bool regress(Work *w, Err *err) {
  const Options *o = w->options;
  const RegressionPoints points = {w->points.n, w->points.x, w->points.y};
  Regression r = {&points, kernels[o->kernel], 1};
  if (learns(o) && !check_learning(w, err)) return false;
  if (learns(o)) r.width = regression_learn(&points, r.kernel);
  else if (o->kernel != AVERAGE) (void)points_number(&r.width, o->width);
  w->estimates = mem_alloc((size_t)w->n_queries, sizeof *w->estimates, "estimates");
  if (o->output != NULL) w->weights = mem_alloc((size_t)w->n_queries * (size_t)points.n, sizeof *w->weights, "weights");
  regression_at(&r, w->queries, w->n_queries, w->estimates, w->weights);
  if (points.n > 1 && (double)points.n * points.n <= MODEL_MOST_WEIGHTS) tell(&r, learns(o));
  return true;
}

static void add_names(Tokens *tokens, const double *x, int n) {
  Str name = {0};
  for (int i = 0; i < n; i++) {
    str_clear(&name);
    str_addf(&name, "%.6g", x[i]);
    tokens_add(tokens, str_text(&name), name.n);
  }
  str_free(&name);
}

/* A row a query, a column a point. */
static void print_weights(Str *out, const Work *w) {
  Tokens names = {0};
  int n = w->points.n, m = w->n_queries;
  add_names(&names, w->points.x, n);
  add_names(&names, w->queries, m);
  const char **at = mem_alloc((size_t)(n + m), sizeof *at, "weights");
  for (int i = 0; i < n + m; i++) at[i] = tokens_get(&names, i, NULL);
  const Alignment a = {.source = at, .n_source = n, .target = at + n, .n_target = m, .weights = w->weights};
  alignment_matrix(out, &a);
  mem_free(at);
  tokens_free(&names);
}

static void print_curve(Str *out, const Work *w) {
  str_adds(out, "x,y\n");
  for (int i = 0; i < w->n_queries; i++) str_addf(out, "%.9g,%.9g\n", w->queries[i], w->estimates[i]);
}

enum { CURVE, WEIGHTS, N_FILES };

static bool write_files(const Work *w, const Str paths[N_FILES], Err *err) {
  Str text = {0};
  print_curve(&text, w);
  bool ok = io_write_file(paths[CURVE].at, text.at, text.n, err);
  str_clear(&text);
  if (ok) print_weights(&text, w);
  ok = ok && io_write_file(paths[WEIGHTS].at, text.at, text.n, err);
  str_free(&text);
  return ok;
}

static bool print(const Work *w, Err *err) {
  Str text = {0};
  print_curve(&text, w);
  bool ok = output_write(str_text(&text), text.n, err);
  str_free(&text);
  return ok;
}

static bool make_places(const Options *o, const char *path, Str paths[N_FILES], Err *err) {
  static const char *const names[N_FILES] = {"curve.csv", "weights.csv"};
  if (o->output == NULL) return true;
  if (!io_make_folder(o->output, err)) return false;
  for (int i = 0; i < N_FILES; i++) {
    str_addf(&paths[i], "%s/%s", o->output, names[i]);
    if (!output_spares(paths[i].at, "kernel: -o", &path, 1, err) || !io_check_target(paths[i].at, err)) return false;
  }
  return true;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  Work w = {.options = options, .path = arguments[0]};
  Str paths[N_FILES] = {{0}};
  bool ok = check_width(w.options, err) && points_read(&w.points, w.path, err) && find_queries(&w, err) &&
            make_places(w.options, w.path, paths, err) && regress(&w, err);
  if (ok) (void)(w.options->output != NULL ? write_files(&w, paths, err) : print(&w, err));
  for (int i = 0; i < N_FILES; i++) str_free(&paths[i]);
  points_free(&w.points);
  mem_free(w.queries);
  mem_free(w.estimates);
  mem_free(w.weights);
  return (int)err->kind;
}

static const char *const examples[] = {"kernel data/sine.csv", "kernel data/sine.csv --kernel epanechnikov -o sine",
                                       NULL};

const Command cmd_kernel = {
    .name = "kernel",
    .arguments = "POINTS.csv",
    .summary = "Nadaraya-Watson regression of a few points, and the weights that it looks at them with",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
