/* session.h - texts in, entries out: the one way in which commands, a service and a library have texts translated and
 * scored.
 *
 * Source lines, or pairs, are added, then translated, or scored, together: in batches of like length over a pool of
 * threads. What comes of them stands until the next session_clear. The result depends neither on the number of threads
 * nor, but for last digits, on what else was added. A Session belongs to one thread, which is not inside a pool_run. */
#ifndef SEARCH_SESSION_H
#define SEARCH_SESSION_H

#include "search/ensemble.h"
#include "search/entry.h"
#include "search/score.h"
#include "search/tokenized.h"
#include "search/translate.h"
#include "text/pairs.h"

typedef struct Session Session;

/* A line of a text, or a pair of lines, that has been worked on. */
typedef struct SessionLine {
  int id; /* in the text, from 0 */
  Session *session;
  int at; /* its place there */
} SessionLine;

/* Borrows ensemble and pool. Prepares the members' weights (ensemble_pack): no other session works with them then. */
Session *session_new(const Ensemble *ensemble, Pool *pool);
void session_free(Session *session); /* NULL is allowed */
/* From now on what is translated and scored is shared out among the ranks of the job (ranks.h), each of which has the
 * same texts. */
void session_spread(Session *session);
/* Forgets all texts. */
void session_clear(Session *session);
/* Forgets all texts from the nth on. */
void session_drop(Session *session, int n);
/* Texts added. */
int session_count(const Session *session);

/* Replaces out by a text of any bytes as a line: what is not valid UTF-8, and NUL, by U+FFFD, line ends by blanks. */
void session_text(Str *out, const char *text, size_t n);
/* Adds a source line, valid UTF-8 without its end; one of white space alone counts as empty, one that is longer than
 * options or the members allow is cut. False, with the reason, when it cannot be translated: then nothing is added. */
bool session_add(Session *session, const char *line, size_t n, const TranslateOptions *options, Err *err);
/* Adds a pair, which is never cut. When that cannot be scored, *of_target says which side err is about. */
bool session_add_pair(Session *session, const Pair *pair, bool *of_target, Err *err);

/* Translates all lines; line i draws under the number first + i. False when a model file has been written to. */
bool session_translate(Session *session, uint64_t first, const TranslateOptions *options, Err *err);
/* Scores all pairs, likewise. */
bool session_score(Session *session, const ScoreOptions *options, Err *err);

/* Text i: the line and all its tokens; those that were read, as ids. */
const Tokenized *session_source(const Session *session, int i);
const Tokenized *session_target(const Session *session, int i);
const IdPair *session_ids(const Session *session, int i);
/* What came of it. n = 0: the line is empty. A pair has one hypothesis. */
BeamResult session_result(const Session *session, int i);
/* Hypothesis `rank`, from 0, of text i as an output; of an empty line 0 is its empty output. id and ranked as in
 * entry_set. Valid until the next call. */
Entry *session_entry(Session *session, int i, int rank, int id, bool ranked);

#endif
