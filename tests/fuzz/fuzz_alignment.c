/* fuzz_alignment.c - any bytes as an alignment file (written as a matrix and as JSON it must read back the same, and
 * any width must hold its drawing) and as a line of Pharaoh links (printed, they must read back the same). */
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "eval/alignment_reader.h"
#include "eval/heatmap_terminal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const Alignment *a, const Alignment *b) {
  CHECK(a->n_source == b->n_source && a->n_target == b->n_target, "another size");
  for (int i = 0; i < a->n_source; i++) CHECK(strcmp(a->source[i], b->source[i]) == 0, "source token %d", i);
  for (int i = 0; i < a->n_target; i++) CHECK(strcmp(a->target[i], b->target[i]) == 0, "target token %d", i);
  size_t n = (size_t)a->n_source * (size_t)a->n_target;
  CHECK(n == 0 || memcmp(a->weights, b->weights, n * sizeof *a->weights) == 0, "another weight");
}

static void check_text(const Alignment *a, const Str *text) {
  Err err = {0};
  AlignmentFile again;
  CHECK(alignment_reader_parse(&again, "written", str_text(text), text->n, 0, &err), "%s", err.text);
  check_same(a, &again.view);
  alignment_reader_free(&again);
}

static void check_forms(const Alignment *a) {
  Str text = {0};
  double *logprob = mem_zero((size_t)a->n_target + 1, sizeof *logprob, "log-probabilities");
  Alignment whole = *a;
  whole.token_logprob = logprob;
  alignment_matrix(&text, a);
  check_text(a, &text);
  str_clear(&text);
  alignment_jsonl(&text, &whole, false);
  check_text(a, &text);
  mem_free(logprob);
  str_free(&text);
}

static void check_alignment(const char *text, size_t n, int choice) {
  Err err = {0};
  AlignmentFile file;
  if (!alignment_reader_parse(&file, "fuzz", text, n, choice % 3, &err)) {
    CHECK(err.kind != ERR_NONE && err.text[0] != '\0', "an error without a reason");
    return;
  }
  check_forms(&file.view);
  Str drawing = {0};
  heatmap_terminal_draw(&drawing, &file.view, &(HeatmapTerminal){(HeatmapTerminalColours)(choice % 3), choice % 100});
  str_free(&drawing);
  alignment_reader_free(&file);
}

static void check_links(const char *text, size_t n) {
  Err err = {0};
  PharaohLinks links = {0}, again = {0};
  Str printed = {0};
  if (pharaoh_parse(&links, text, n, "fuzz", 1, &err)) {
    pharaoh_print(&printed, &links);
    CHECK(pharaoh_parse(&again, str_text(&printed), printed.n, "printed", 1, &err), "%s", err.text);
    CHECK(links.n == again.n, "another number of links");
  }
  str_free(&printed);
  pharaoh_free(&links);
  pharaoh_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  check_alignment((const char *)data, size, (int)(size % 300));
  check_links((const char *)data, size);
  return 0;
}
