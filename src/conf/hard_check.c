#include "conf/hard_check.h"

#include "conf/shape.h"
#include "nn/decoder.h"

void hard_check(Checker *check, const ModelConfig *m) {
  const AttentionConfig *a = &m->attention;
  if (a->focus != FOCUS_hard) return;
  if (m->decoder.type == DECODER_transformer)
    COMPLAIN(check,
             "model.attention.focus \"hard\" is one look a step of a recurrent decoder, but model.decoder.type is "
             "\"%s\": set model.decoder.type to \"rnn\", or model.attention.focus to \"soft\"",
             decoder_def(m->decoder.type)->name);
  else if (a->pattern != PATTERN_none)
    COMPLAIN(check,
             "model.attention.focus \"hard\" looks at one state as it is, but model.attention.pattern is \"%s\" with "
             "model.attention.heads %d: set model.attention.pattern to \"none\" and model.attention.heads to 1, or "
             "model.attention.focus to \"soft\"",
             shape_pattern(a->pattern), a->heads);
}
