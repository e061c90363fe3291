/* decoder_reader.c - a reader of cloze tests (cloze.h): one look of the query at the document, whose words are the
 * answers, each as likely as the weights of its positions together (Kadlec et al. 2016, eq. 3). With the score aoa
 * every word of the query looks, and attention over attention joins what they see (Cui et al. 2017); any other score
 * compares the document with the query as one state, what recurrent layers end in or, above other encoders, the mean
 * (the attention sum reader of Kadlec et al.). The step after the answer looks at the line's </s>, and so does the
 * first where there is no document. */
#include <string.h>

#include "nn/attention.h"
#include "nn/decoder.h"

typedef struct Reader {
  const ModelConfig *config;
  Attention attention;
} Reader;

static void declare(void *decoder, ParamSet *set, const ModelConfig *c, int embedding) {
  Reader *r = decoder;
  (void)embedding;
  r->config = c;
  param_side(set, SIDE_SENTENCE);
  const AttentionSpec spec = attention_spec(c);
  attention_declare(&r->attention, set, &spec);
}

/* [B,D] the queries, a state each. */
static const Tensor *find_queries(const Reader *r, Tape *tape, const Encoded *encoded) {
  const EncoderConfig *c = &r->config->encoder;
  int n = encoded->places.n_sent;
  Tensor *q = tape_tensor(tape, n, encoded->states->cols);
  if (c->type == ENCODER_rnn && c->self_attention.layers == 0) {
    op_rows(tape, encoded->last_h[c->layers - 1], encoded->query, q);
    return q;
  }
  int *start = tape_alloc(tape, (size_t)n, sizeof *start), *length = tape_alloc(tape, (size_t)n, sizeof *length);
  Places *places = tape_alloc(tape, 1, sizeof *places);
  *places = (Places){.n_sent = n, .start = start, .length = length, .longest = encoded->places.longest};
  for (int b = 0; b < n; b++) {
    start[b] = encoded->passages[b].query;
    length[b] = encoded->passages[b].n_query;
  }
  op_mean(tape, places, encoded->states, q);
  return q;
}

/* Weights [B,L] of a look at the documents. Where there is none, it is at what stands for it. */
static void look_once(const Reader *r, Tape *tape, const Encoded *encoded, const Tensor *weights) {
  int n = encoded->places.n_sent;
  int *sentence = tape_alloc(tape, (size_t)n, sizeof *sentence), *step = tape_alloc(tape, (size_t)n, sizeof *step);
  int *length = tape_alloc(tape, (size_t)n, sizeof *length);
  for (int b = 0; b < n; b++) {
    sentence[b] = b;
    step[b] = 0;
    length[b] = encoded->passages[b].n_document > 0 ? encoded->passages[b].n_document : 1;
  }
  Places *documents = tape_alloc(tape, 1, sizeof *documents);
  *documents = encoded->places;
  documents->length = length;
  AttentionRun *run =
      attention_open(&r->attention, tape, documents, attention_keys(&r->attention, tape, encoded->states, NULL), n);
  AttentionLook at = {.sentence = sentence,
                      .step = step,
                      .query = *find_queries(r, tape, encoded),
                      .weights = *weights,
                      .context = *tape_zeros(tape, n, attention_width(&r->attention.spec))};
  attention_read(run, &at);
}

/* [2B,L]: weights of each document, then of each </s>. */
static const Tensor *find_weights(const Reader *r, Tape *tape, const Encoded *encoded) {
  const Places *p = &encoded->places;
  Tensor *all = tape_zeros(tape, 2 * p->n_sent, p->longest);
  Tensor documents = tensor_rows(all, 0, p->n_sent);
  if (r->attention.spec.score == SCORE_aoa) op_read(tape, encoded->states, encoded->passages, &documents);
  else look_once(r, tape, encoded, &documents);
  for (int b = 0; b < p->n_sent; b++) tensor_row(all, p->n_sent + b)[p->length[b] - 1] = 1;
  return all;
}

static void give(Tape *tape, const Encoded *encoded, const Tensor *all, const Rows *rows, DecoderOut *out) {
  int *index = tape_alloc(tape, (size_t)rows->n, sizeof *index);
  for (int r = 0; r < rows->n; r++) {
    int b = rows->sentence[r];
    bool answers = rows->step[r] == 0 && encoded->passages[b].n_document > 0;
    index[r] = answers ? b : encoded->places.n_sent + b;
  }
  Tensor *weights = tape_tensor(tape, rows->n, all->cols);
  op_rows(tape, all, index, weights);
  const Tensor **looks = tape_alloc(tape, 1, sizeof(Tensor *));
  looks[0] = weights;
  *out = (DecoderOut){.weights = weights, .looks[HEADS_CROSS] = {1, 1, looks}};
}

static void teach(const void *decoder, Tape *tape, const Encoded *encoded, const Targets *targets,
                  const NoiseRun *noise, DecoderOut *out) {
  (void)noise;
  give(tape, encoded, find_weights(decoder, tape, encoded), &targets->side->rows, out);
}

/* A search keeps all there is to know of each sentence. */
static void start(const void *decoder, Tape *tape, Arena *arena, const Encoded *encoded, const SearchRoom *room,
                  void *state) {
  (void)arena, (void)room;
  *(const Tensor **)state = find_weights(decoder, tape, encoded);
}

static void step(const void *decoder, Tape *tape, const Encoded *encoded, void *state, const StepRows *rows,
                 DecoderOut *out) {
  (void)decoder;
  give(tape, encoded, *(const Tensor **)state, &rows->rows, out);
}

static void select_none(const void *decoder, void *state, const int *parents, int n) {
  (void)decoder, (void)state, (void)parents, (void)n;
}

const DecoderDef decoder_reader = {.name = "reader",
                                   .cloze = true,
                                   .copies = true,
                                   .size = sizeof(Reader),
                                   .state_size = sizeof(const Tensor *),
                                   .declare = declare,
                                   .teach = teach,
                                   .start = start,
                                   .step = step,
                                   .select = select_none};
