#include "eval/alignment_writer.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "eval/numbered.h"

typedef enum Form { FORM_NONE, FORM_FOLDER, FORM_TIDY, FORM_JSONL, FORM_PHARAOH } Form;

struct AlignmentWriter {
  Form form;
  bool ranked;
  char *path;
  IoOut *out;       /* of a single file */
  Str text;         /* of the output being written */
  Numbered written; /* of a folder */
};

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

static Form form_of(const char *path) {
  if (ends_in(path, "/") || io_is_folder(path)) return FORM_FOLDER;
  if (ends_in(path, ".csv")) return FORM_TIDY;
  if (ends_in(path, ".jsonl")) return FORM_JSONL;
  return ends_in(path, ".txt") ? FORM_PHARAOH : FORM_NONE;
}

bool alignment_writer_is_jsonl(const char *path) { return path != NULL && form_of(path) == FORM_JSONL; }

bool alignment_writer_check(const char *path, Err *err) {
  if (form_of(path) != FORM_NONE) return true;
  return err_set(err, ERR_USAGE,
                 "%s: the end of the path says how alignments are written: DIR/ (a CSV matrix a sentence), FILE.csv "
                 "(one tidy table), FILE.jsonl (an object a sentence) or FILE.txt (Pharaoh links)",
                 path);
}

/* The file of the output a: DIR/000001.csv. */
static void matrix_path(Str *out, const AlignmentWriter *writer, int id, int rank) {
  str_addf(out, "%s%s", writer->path, ends_in(writer->path, "/") ? "" : "/");
  numbered_name(out, id, writer->ranked ? rank : 0, ".csv");
}

static bool begin_folder(AlignmentWriter *writer, Err *err) {
  Str first = {0};
  matrix_path(&first, writer, 0, 0);
  bool ok = io_make_folder(writer->path, err) && io_check_target(first.at, err);
  str_free(&first);
  return ok;
}

static bool begin(AlignmentWriter *writer, Err *err) {
  if (writer->form == FORM_FOLDER) return begin_folder(writer, err);
  writer->out = io_create(writer->path, err);
  if (writer->out == NULL) return false;
  if (writer->form == FORM_TIDY) alignment_tidy_header(&writer->text, writer->ranked);
  return io_write(writer->out, str_text(&writer->text), writer->text.n, err);
}

AlignmentWriter *alignment_writer_open(const char *path, bool ranked, Err *err) {
  if (!alignment_writer_check(path, err)) return NULL;
  AlignmentWriter *writer = mem_zero(1, sizeof *writer, "alignment writer");
  *writer = (AlignmentWriter){.form = form_of(path), .ranked = ranked, .path = mem_text(path, strlen(path))};
  if (begin(writer, err)) return writer;
  alignment_writer_abandon(writer);
  return NULL;
}

bool alignment_writer_links(const AlignmentWriter *writer) { return writer->form == FORM_PHARAOH; }

static bool add_matrix(AlignmentWriter *writer, const Alignment *a, Err *err) {
  Str path = {0};
  matrix_path(&path, writer, a->id, a->rank);
  numbered_wrote(&writer->written, a->id, writer->ranked ? a->rank : 0);
  alignment_matrix(&writer->text, a);
  bool ok = io_write_quick(path.at, writer->text.at, writer->text.n, err);
  str_free(&path);
  return ok;
}

bool alignment_writer_add(AlignmentWriter *writer, const Alignment *a, Err *err) {
  str_clear(&writer->text);
  if (writer->form == FORM_FOLDER) return add_matrix(writer, a, err);
  if (writer->form == FORM_TIDY) alignment_tidy(&writer->text, a, writer->ranked);
  else if (writer->form == FORM_JSONL) alignment_jsonl(&writer->text, a, writer->ranked);
  else alignment_pharaoh(&writer->text, a);
  return io_write(writer->out, str_text(&writer->text), writer->text.n, err);
}

static void release(AlignmentWriter *writer) {
  mem_free(writer->path);
  str_free(&writer->text);
  numbered_free(&writer->written);
  mem_free(writer);
}

bool alignment_writer_close(AlignmentWriter *writer, Err *err) {
  bool sweep = writer->form == FORM_FOLDER && ends_in(writer->path, "/");
  bool ok = (writer->out == NULL || io_commit(writer->out, err)) &&
            (!sweep || numbered_sweep(&writer->written, writer->path, ".csv", err));
  release(writer);
  return ok;
}

void alignment_writer_abandon(AlignmentWriter *writer) {
  if (writer == NULL) return;
  io_abandon(writer->out);
  release(writer);
}
