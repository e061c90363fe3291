#include "eval/heatmap_picture.h"

#include <math.h>
#include <stdio.h>

/* Points. */
enum {
  PAD = 12,         /* around everything */
  GAP = 6,          /* between tokens and cells */
  LARGE_CELL = 28,  /* up to FEW tokens a side */
  SMALL_CELL = 14,  /* from MANY tokens a side on */
  NUMBER_CELL = 24, /* least, with a number in it */
  FEW = 20,
  MANY = 60,
  LEAN_CELL = 20, /* least for tokens at 45 degrees; in narrower columns they stand upright */
  MOST_LABEL = 170,
  TITLE_SIZE = 15,
  TITLE_LINE = 26,
  LEGEND_SIZE = 11,
  LEGEND_LINE = 26,
  LEGEND_BAR = 96,
  LEGEND_STEPS = 24,
  LEAST_WIDTH = 200,      /* so that the legend fits */
  LEAST_GOLD_WIDTH = 300, /* and that of gold links, */
  POSITION_WIDTH = 30,    /* and the mark of p_t, */
  CHOSEN_WIDTH = 80       /* and that of what was looked at */
};

typedef struct Palette {
  HeatmapColour ground, ink, faint, link, halo;
} Palette;

typedef enum Lean { LEAN_NONE, LEAN_HALF, LEAN_UPRIGHT } Lean;

typedef struct Layout {
  const Alignment *a;
  const HeatmapPicture *picture;
  Palette palette;
  Drawing *drawing;
  double cell, size; /* of a weight, of the tokens' font */
  Lean lean;         /* of the source tokens */
  double left, top;  /* corner of the matrix */
  Str text, cut;     /* a token made visible, and cut to its room */
} Layout;

static Palette palette_of(HeatmapTheme theme) {
  static const Palette palettes[] = {
      [HEATMAP_DARK] = {.ink = {235, 237, 240}, .faint = {150, 156, 166}, .link = {255, 255, 255}, .halo = {0, 0, 0}},
      [HEATMAP_LIGHT] = {.ink = {20, 24, 32}, .faint = {96, 104, 116}, .link = {213, 94, 0}, .halo = {255, 255, 255}}};
  Palette palette = palettes[theme];
  palette.ground = heatmap_ground(theme);
  return palette;
}

static const char *visible(Layout *l, const char *token) {
  str_clear(&l->text);
  heatmap_visible(&l->text, token);
  return str_text(&l->text);
}

static double width_of(Layout *l, const char *token) {
  return l->picture->measure(l->picture->ctx, visible(l, token), l->size, DRAWING_REGULAR);
}

/* A width of tokens, for heatmap_cut. */
static double token_width(void *ctx, const char *text) {
  const Layout *l = ctx;
  return l->picture->measure(l->picture->ctx, text, l->size, DRAWING_REGULAR);
}

static double title_width(void *ctx, const char *text) {
  const Layout *l = ctx;
  return l->picture->measure(l->picture->ctx, text, TITLE_SIZE, DRAWING_BOLD);
}

static double widest(Layout *l, const char *const *tokens, int n) {
  double width = 0;
  for (int i = 0; i < n; i++) width = fmax(width, width_of(l, tokens[i]));
  return fmin(width, MOST_LABEL);
}

static double cell_of(int n, bool numbers) {
  double part = (n - FEW) / (double)(MANY - FEW);
  double cell = LARGE_CELL + (SMALL_CELL - LARGE_CELL) * fmin(fmax(part, 0), 1);
  return numbers ? fmax(cell, NUMBER_CELL) : cell;
}

static double matrix_width(const Layout *l) { return l->cell * l->a->n_source; }
static double matrix_height(const Layout *l) { return l->cell * l->a->n_target; }

/* Whether the source tokens find room beside each other, none much wider than its column. */
static bool fit_flat(Layout *l) {
  double before = 0;
  for (int s = 0; s < l->a->n_source; s++) {
    double width = width_of(l, l->a->source[s]);
    if (width > l->cell || (before + width) / 2 > l->cell - GAP) return false;
    before = width;
  }
  return true;
}

/* Sets all sizes. Tokens at 45 degrees reach over the right side. */
static void arrange(Layout *l) {
  const Alignment *a = l->a;
  l->cell = cell_of(a->n_source > a->n_target ? a->n_source : a->n_target, l->picture->numbers);
  l->size = fmin(13, 0.7 * l->cell);
  double across = widest(l, a->source, a->n_source), down = widest(l, a->target, a->n_target);
  double half = sqrt(0.5), line = 1.4 * l->size, over = 0;
  l->lean = fit_flat(l) ? LEAN_NONE : l->cell >= LEAN_CELL ? LEAN_HALF : LEAN_UPRIGHT;
  double head = l->lean == LEAN_NONE ? line : l->lean == LEAN_HALF ? half * (across + line / 2) : across;
  if (l->lean == LEAN_HALF) over = fmax(0, half * (across + line / 2) - l->cell / 2);
  bool titled = l->picture->title != NULL && l->picture->title[0] != '\0';
  l->left = PAD + down + GAP;
  l->top = PAD + (titled ? TITLE_LINE : 0) + head + GAP;
  l->drawing->width =
      ceil(fmax(l->left + matrix_width(l) + over + PAD, (l->picture->gold != NULL ? LEAST_GOLD_WIDTH : LEAST_WIDTH) +
                                                            (a->position != NULL ? POSITION_WIDTH : 0) +
                                                            (a->chosen != NULL ? CHOSEN_WIDTH : 0)));
  l->drawing->height = ceil(l->top + matrix_height(l) + LEGEND_LINE + PAD);
}

static void add_text(Layout *l, DrawingShape shape, const char *text) {
  shape.kind = DRAWING_TEXT;
  drawing_add(l->drawing, shape, text);
}

static const char *cut(Layout *l, const char *token, double most, bool at_end, HeatmapWidth *width) {
  str_clear(&l->cut);
  heatmap_cut(&l->cut, visible(l, token), most, at_end, width, l);
  return str_text(&l->cut);
}

static void add_title(Layout *l) {
  if (l->picture->title == NULL || l->picture->title[0] == '\0') return;
  add_text(
      l,
      (DrawingShape){
          .colour = l->palette.ink, .x = PAD, .y = PAD + TITLE_SIZE / 2.0, .size = TITLE_SIZE, .style = DRAWING_BOLD},
      cut(l, l->picture->title, l->drawing->width - 2 * PAD, true, title_width));
}

/* Unknown words are set in italics. */
static DrawingShape label(const Layout *l, bool unknown) {
  return (DrawingShape){.colour = unknown ? l->palette.faint : l->palette.ink,
                        .size = l->size,
                        .style = unknown ? DRAWING_ITALIC : DRAWING_REGULAR};
}

static void add_source(Layout *l) {
  static const double degrees[] = {[LEAN_NONE] = 0, [LEAN_HALF] = -45, [LEAN_UPRIGHT] = -90};
  for (int s = 0; s < l->a->n_source; s++) {
    DrawingShape shape = label(l, alignment_source_unknown(l->a, s));
    shape.x = l->left + (s + 0.5) * l->cell;
    shape.y = l->top - (l->lean == LEAN_NONE ? GAP + 0.5 * l->size : GAP);
    shape.degrees = degrees[l->lean];
    shape.align = l->lean == LEAN_NONE ? DRAWING_MIDDLE : DRAWING_START;
    add_text(l, shape, cut(l, l->a->source[s], MOST_LABEL, false, token_width));
  }
}

static void add_target(Layout *l) {
  for (int t = 0; t < l->a->n_target; t++) {
    DrawingShape shape = label(l, alignment_target_unknown(l->a, t));
    shape.x = l->left - GAP;
    shape.y = l->top + (t + 0.5) * l->cell;
    shape.align = DRAWING_END;
    add_text(l, shape, cut(l, l->a->target[t], MOST_LABEL, false, token_width));
  }
}

/* Weights below cannot be told from nought, nor do they round to a percent. */
static const double SEEN = 0.005;

static void add_number(Layout *l, double weight, double x, double y) {
  char text[16];
  if (weight < SEEN) return;
  (void)snprintf(text, sizeof text, "%.0f", 100 * weight);
  add_text(l,
           (DrawingShape){.colour = heatmap_ink(heatmap_colour(l->picture->theme, weight)),
                          .x = x + l->cell / 2,
                          .y = y + l->cell / 2,
                          .size = 0.38 * l->cell,
                          .align = DRAWING_MIDDLE},
           text);
}

/* One box for all that is nought, boxes for the rest, and lines of the ground over them. */
static void add_cells(Layout *l) {
  HeatmapColour nought = heatmap_colour(l->picture->theme, 0);
  if (l->a->n_target == 0) return;
  drawing_box(l->drawing, nought, l->left, l->top, matrix_width(l), matrix_height(l));
  for (int t = 0; t < l->a->n_target; t++)
    for (int s = 0; s < l->a->n_source; s++) {
      double weight = (double)l->a->weights[(size_t)t * (size_t)l->a->n_source + (size_t)s];
      double x = l->left + s * l->cell, y = l->top + t * l->cell;
      if (weight >= SEEN) drawing_box(l->drawing, heatmap_colour(l->picture->theme, weight), x, y, l->cell, l->cell);
      if (l->picture->numbers) add_number(l, weight, x, y);
    }
  for (int s = 1; s < l->a->n_source; s++)
    drawing_box(l->drawing, l->palette.ground, l->left + s * l->cell - 0.5, l->top, 1, matrix_height(l));
  for (int t = 1; t < l->a->n_target; t++)
    drawing_box(l->drawing, l->palette.ground, l->left, l->top + t * l->cell - 0.5, matrix_width(l), 1);
}

/* A line with a halo, which stands out on any cell; dashed when the link is only possible. */
static void add_outline(Layout *l, double x, double y, double side, bool sure) {
  DrawingShape shape = {.kind = DRAWING_OUTLINE,
                        .colour = l->palette.halo,
                        .x = x + 1.5,
                        .y = y + 1.5,
                        .width = side - 3,
                        .height = side - 3,
                        .line = 3.4};
  drawing_add(l->drawing, shape, NULL);
  shape.kind = sure ? DRAWING_OUTLINE : DRAWING_DASHES;
  shape.colour = l->palette.link;
  shape.line = 1.8;
  drawing_add(l->drawing, shape, NULL);
}

/* An upright bar that stands out on any cell. */
static void add_mark(Layout *l, double x, double y, double height) {
  drawing_box(l->drawing, l->palette.halo, x - 2, y - 1, 4, height + 2);
  drawing_box(l->drawing, l->palette.link, x - 1, y, 2, height);
}

/* A spot around (x, y), likewise. */
static void add_spot(Layout *l, double x, double y, double side) {
  drawing_box(l->drawing, l->palette.halo, x - side / 2 - 1, y - side / 2 - 1, side + 2, side + 2);
  drawing_box(l->drawing, l->palette.link, x - side / 2, y - side / 2, side, side);
}

/* The one position that each row looked at. */
static void add_chosen(Layout *l) {
  const Alignment *a = l->a;
  for (int t = 0; a->chosen != NULL && t < a->n_target; t++)
    add_spot(l, l->left + (a->chosen[t] + 0.5) * l->cell, l->top + (t + 0.5) * l->cell, 0.24 * l->cell);
}

static void add_gold(Layout *l) {
  const PharaohLinks *gold = l->picture->gold;
  for (int i = 0; gold != NULL && i < gold->n; i++) {
    const PharaohLink *link = &gold->at[i];
    if (link->source < l->a->n_source && link->target < l->a->n_target)
      add_outline(l, l->left + link->source * l->cell, l->top + link->target * l->cell, l->cell, link->sure);
  }
}

/* local_p: the window of each row, unless it is all of it, and a mark at p_t, the middle of position i being i. */
static void add_windows(Layout *l) {
  const Alignment *a = l->a;
  for (int t = 0; a->position != NULL && t < a->n_target; t++) {
    double p = a->position[t], y = l->top + t * l->cell;
    double low = fmax(ceil(p - a->window), 0), high = fmin(floor(p + a->window), a->n_source - 1) + 1;
    if (!isfinite(p)) continue;
    if (low > 0 || high < a->n_source)
      drawing_add(l->drawing,
                  (DrawingShape){.kind = DRAWING_OUTLINE,
                                 .colour = l->palette.faint,
                                 .x = l->left + low * l->cell + 1,
                                 .y = y + 1,
                                 .width = (high - low) * l->cell - 2,
                                 .height = l->cell - 2,
                                 .line = 1},
                  NULL);
    add_mark(l, l->left + fmin(fmax(p + 0.5, 0), a->n_source) * l->cell, y + 0.2 * l->cell, 0.6 * l->cell);
  }
}

static void add_legend_text(Layout *l, double x, double y, const char *text) {
  add_text(l, (DrawingShape){.colour = l->palette.faint, .x = x, .y = y, .size = LEGEND_SIZE}, text);
}

/* At the left, in the ground's colour around: 0 [scale] 1 weight, and what outlines mean. */
static void add_legend(Layout *l) {
  enum { HEIGHT = 9, BOX = 12 };
  double x = PAD + 12, y = l->drawing->height - PAD - LEGEND_SIZE / 2.0, step = LEGEND_BAR / (double)LEGEND_STEPS;
  add_legend_text(l, PAD, y, "0");
  for (int i = 0; i < LEGEND_STEPS; i++)
    drawing_box(l->drawing, heatmap_colour(l->picture->theme, i / (LEGEND_STEPS - 1.0)), x + i * step, y - HEIGHT / 2.0,
                step, HEIGHT);
  x += LEGEND_BAR + 5;
  const char *most = l->picture->numbers ? "100 %  weight" : "1  weight";
  add_legend_text(l, x, y, most);
  x += l->picture->measure(l->picture->ctx, most, LEGEND_SIZE, DRAWING_REGULAR) + 14;
  if (l->picture->gold != NULL) {
    add_outline(l, x, y - BOX / 2.0, BOX, true);
    add_legend_text(l, x + BOX + 5, y, "gold link");
    x += BOX + 5 + l->picture->measure(l->picture->ctx, "gold link", LEGEND_SIZE, DRAWING_REGULAR) + 14;
  }
  if (l->a->position != NULL) {
    add_mark(l, x, y - BOX / 2.0, BOX);
    add_legend_text(l, x + 7, y, "p");
    x += POSITION_WIDTH;
  }
  if (l->a->chosen == NULL) return;
  add_spot(l, x + 3, y, 6);
  add_legend_text(l, x + 12, y, "looked at");
}

void heatmap_picture_draw(Drawing *drawing, const Alignment *a, const HeatmapPicture *picture) {
  Layout l = {.a = a, .picture = picture, .palette = palette_of(picture->theme), .drawing = drawing};
  drawing_clear(drawing);
  arrange(&l);
  drawing_box(drawing, l.palette.ground, 0, 0, drawing->width, drawing->height);
  add_title(&l);
  add_source(&l);
  add_target(&l);
  add_cells(&l);
  add_gold(&l);
  add_windows(&l);
  add_chosen(&l);
  add_legend(&l);
  str_free(&l.text);
  str_free(&l.cut);
}
