/* attn_seq2seq.h - translating and scoring with the models of attn-seq2seq from other programs.
 *
 *   cc example.c $(pkg-config --cflags --libs attn_seq2seq)
 *
 * Errors are values: a function that fails returns NULL (or 0) and fills the AttnSeq2SeqError it is given, which may be
 * NULL. Nothing is printed, nothing ends the process but a bug of the library (abort). All texts are UTF-8 that ends at
 * NUL, a sentence each; bytes that are none become U+FFFD. Numbers do not depend on the locale, nor results on the
 * number of threads.
 *
 * Any thread may call any function. Calls with one model run one after another; different models work at once. A model
 * keeps its file in view until it is closed: replace model files by renaming, as training does, and write into none.
 *
 * Of the process it changes two things: OpenBLAS, where the process uses that too, is set to one thread a call; and on
 * a processor with AMX it asks Linux for the tile registers, after which sigaltstack wants AT_MINSIGSTKSZ bytes, some
 * 12,000. */
#ifndef ATTN_SEQ2SEQ_H
#define ATTN_SEQ2SEQ_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ATTN_SEQ2SEQ_API __attribute__((visibility("default")))
#else
#define ATTN_SEQ2SEQ_API
#endif

typedef enum AttnSeq2SeqStatus {
  ATTN_SEQ2SEQ_OK = 0,
  ATTN_SEQ2SEQ_FILE = 1,  /* a file is missing, damaged or no model; a text is more than the model can read */
  ATTN_SEQ2SEQ_USAGE = 2, /* an option that is none, or outside its range */
  ATTN_SEQ2SEQ_MEMORY = 3 /* memory ran out. The model that was at work can only be closed; what the call had taken by
                             then is not given back */
} AttnSeq2SeqStatus;

typedef struct AttnSeq2SeqError {
  int status;      /* an AttnSeq2SeqStatus */
  char text[1024]; /* what, where and what to do; may have several lines */
} AttnSeq2SeqError;

typedef struct AttnSeq2Seq AttnSeq2Seq;               /* one model, or several that work together */
typedef struct AttnSeq2SeqOptions AttnSeq2SeqOptions; /* how to translate */
typedef struct AttnSeq2SeqOutputs AttnSeq2SeqOutputs; /* what came of some texts */

/* As "0.1.0". */
ATTN_SEQ2SEQ_API const char *attn_seq2seq_version(void);

/* Loads n >= 1 model files; several translate together, as with `translate -m A -m B`. threads: 0 = all cores. */
ATTN_SEQ2SEQ_API AttnSeq2Seq *attn_seq2seq_open(const char *const *paths, int n, int threads, AttnSeq2SeqError *error);
/* NULL is allowed. Outputs and options stay. */
ATTN_SEQ2SEQ_API void attn_seq2seq_close(AttnSeq2Seq *model);

/* Options as the model's config has them, to be changed and used for any number of calls; those of one thread. */
ATTN_SEQ2SEQ_API AttnSeq2SeqOptions *attn_seq2seq_options(const AttnSeq2Seq *model, AttnSeq2SeqError *error);
/* Sets one by the name it has on the command line, with _ for -: beam_size, n_best, length_penalty, coverage_penalty,
 * max_length, min_length, max_length_ratio, batch_size, no_unknown (0 or 1), sample (0 or 1), temperature, top_k, seed;
 * and attention: 0 = none, 1 = the alignment, 2 = and what each layer and head looked at. Returns 1, or 0 on error. */
ATTN_SEQ2SEQ_API int attn_seq2seq_set(AttnSeq2SeqOptions *options, const char *name, double value,
                                      AttnSeq2SeqError *error);
ATTN_SEQ2SEQ_API void attn_seq2seq_options_free(AttnSeq2SeqOptions *options);

/* Translates n lines, in batches; one that is blank has the empty output. options NULL: as the model's config has it.
 */
ATTN_SEQ2SEQ_API AttnSeq2SeqOutputs *attn_seq2seq_translate(AttnSeq2Seq *model, const char *const *lines, int n,
                                                            const AttnSeq2SeqOptions *options, AttnSeq2SeqError *error);
/* How likely n given translations are. Of options only batch_size and attention count. */
ATTN_SEQ2SEQ_API AttnSeq2SeqOutputs *attn_seq2seq_score(AttnSeq2Seq *model, const char *const *sources,
                                                        const char *const *targets, int n,
                                                        const AttnSeq2SeqOptions *options, AttnSeq2SeqError *error);

/* Outputs of text i: 1, or with n_best up to so many; 0 where there is no text i. */
ATTN_SEQ2SEQ_API int attn_seq2seq_count(const AttnSeq2SeqOutputs *outputs, int i);
/* Of output `rank` of text i, both from 0, the best first; texts live as long as the outputs. NULL, 0: there is none.
 */
ATTN_SEQ2SEQ_API const char *attn_seq2seq_text(const AttnSeq2SeqOutputs *outputs, int i, int rank);
/* The number that ranks it; of a given translation log P. */
ATTN_SEQ2SEQ_API double attn_seq2seq_rank_score(const AttnSeq2SeqOutputs *outputs, int i, int rank);
/* Natural logarithm of its probability. */
ATTN_SEQ2SEQ_API double attn_seq2seq_logprob(const AttnSeq2SeqOutputs *outputs, int i, int rank);
/* With attention 1 or 2: source tokens, and target tokens with the closing </s>; the alignment, a row of n_source
 * weights a target token. */
ATTN_SEQ2SEQ_API const char *const *attn_seq2seq_source(const AttnSeq2SeqOutputs *outputs, int i, int rank, int *n);
ATTN_SEQ2SEQ_API const char *const *attn_seq2seq_target(const AttnSeq2SeqOutputs *outputs, int i, int rank, int *n);
ATTN_SEQ2SEQ_API const float *attn_seq2seq_alignment(const AttnSeq2SeqOutputs *outputs, int i, int rank, int *n_target,
                                                     int *n_source);
/* With attention 1 or 2: all of it, as a line of `translate --format jsonl`. */
ATTN_SEQ2SEQ_API const char *attn_seq2seq_json(const AttnSeq2SeqOutputs *outputs, int i, int rank);
ATTN_SEQ2SEQ_API void attn_seq2seq_outputs_free(AttnSeq2SeqOutputs *outputs);

#ifdef __cplusplus
}
#endif

#endif
