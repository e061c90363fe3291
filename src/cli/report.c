#include "cli/report.h"

#include <stdlib.h>

#include "cli/output.h"
#include "num/blas.h"

bool report_open(Report *r, ReportForm form, bool ranked, const char *alignments, Err *err) {
  *r = (Report){.form = form, .ranked = ranked};
  if (alignments == NULL) return true;
  r->writer = alignment_writer_open(alignments, ranked, err);
  return r->writer != NULL;
}

static double logprob(const Alignment *a) {
  double sum = 0;
  for (int t = 0; t < a->n_target; t++) sum += a->token_logprob[t];
  return sum;
}

bool report_add(Report *r, const Alignment *a, Err *err) {
  str_clear(&r->text);
  switch (r->form) {
    case REPORT_TEXT:
      str_addf(&r->text, "%s\n", a->text);
      break;
    case REPORT_NBEST:
      str_addf(&r->text, "%d ||| %s ||| F0= %g ||| %g\n", a->id, a->text, logprob(a), a->score);
      break;
    case REPORT_LOGPROB:
      str_addf(&r->text, "%.6f\n", a->score);
      break;
    case REPORT_JSONL:
      alignment_jsonl(&r->text, a, r->ranked);
      break;
  }
  if (r->writer != NULL && !alignment_writer_add(r->writer, a, err)) return false;
  return output_write(str_text(&r->text), r->text.n, err);
}

bool report_close(Report *r, bool ok, Err *err) {
  str_free(&r->text);
  if (r->writer == NULL) return ok;
  if (ok) return alignment_writer_close(r->writer, err);
  alignment_writer_abandon(r->writer);
  return false;
}

static const char *usual_model(void) {
  const char *named = getenv("ATTN_SEQ2SEQ_MODEL");
  return named != NULL && named[0] != '\0' ? named : "models/model.safetensors";
}

bool report_load(Ensemble *e, const OptionList *models, const OptionList *sets, Err *err) {
  const char *usual = usual_model();
  blas_init();
  if (!ensemble_load(e, models->n > 0 ? models->at : &usual, models->n > 0 ? models->n : 1, err)) return false;
  if (config_override(&e->members[0]->config, sets->at, sets->n, err)) return true;
  ensemble_free(e);
  return false;
}
