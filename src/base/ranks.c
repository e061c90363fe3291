#define _GNU_SOURCE /* sched_getaffinity */
#include "base/ranks.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/str.h"

/* Given to each process by Open MPI's mpirun, by what speaks PMIx, by what speaks PMI (Slurm, MPICH, Intel MPI). */
static const char *const STARTED[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
static const char *const SIZES[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};

static bool is_set(const char *name, const char *value) {
  const char *is = getenv(name);
  return is != NULL && strcmp(is, value) == 0;
}

static bool launched(void) {
  bool is = is_set("ATTN_SEQ2SEQ_MPI", "yes");
  for (size_t i = 0; i < sizeof STARTED / sizeof *STARTED; i++) is = is || getenv(STARTED[i]) != NULL;
  return is && !is_set("ATTN_SEQ2SEQ_MPI", "no");
}

/* Processes that the launcher says it has started; 1 when it does not. */
static int launched_size(void) {
  long most = 1;
  for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
    const char *text = getenv(SIZES[i]);
    long n = text == NULL ? 1 : strtol(text, NULL, 10);
    if (n > most && n < 1 << 24) most = n;
  }
  return (int)most;
}

bool ranks_refuse(const char *command, Err *err) {
  if (!launched() || launched_size() == 1) return true;
  return err_set(
      err, ERR_USAGE,
      "%d processes were started together, and %s works in one: start it without a launcher of MPI (or, to have "
      "it work in each of them, with ATTN_SEQ2SEQ_MPI=no)",
      launched_size(), command);
}

enum { HOST = 64 };

#if HAVE_MPI

#include <mpi.h>

static struct {
  bool joined;
  int count, me;
  MPI_Comm near; /* the ranks of this machine */
  int near_count, near_me;
  MPI_Win *windows; /* [n_windows] of shared memory */
  int n_windows;
  int sharers;         /* ranks of this machine that may use the same processors */
  char (*hosts)[HOST]; /* [count] */
  MPI_Request *requests;
  size_t n_requests;
  int64_t sent;
} job = {.count = 1, .near_count = 1, .sharers = 1};

const char *ranks_library(void) {
  static char name[MPI_MAX_LIBRARY_VERSION_STRING];
  int n;
  if (name[0] != '\0') return name;
  if (MPI_Get_library_version(name, &n) != MPI_SUCCESS) (void)strncpy(name, "MPI", sizeof name - 1);
  name[strcspn(name, ",\n")] = '\0';
  return name;
}

static void find_near(void) {
  (void)MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, job.me, MPI_INFO_NULL, &job.near);
  (void)MPI_Comm_size(job.near, &job.near_count);
  (void)MPI_Comm_rank(job.near, &job.near_me);
}

/* Ranks of this machine whose set of processors is that of this one. */
static int count_sharers(void) {
  int sharers = 0;
  cpu_set_t mine;
  CPU_ZERO(&mine);
  (void)sched_getaffinity(0, sizeof mine, &mine);
  cpu_set_t *sets = mem_zero((size_t)job.near_count, sizeof *sets, "ranks");
  (void)MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, sets, (int)sizeof mine, MPI_BYTE, job.near);
  for (int i = 0; i < job.near_count; i++) sharers += CPU_EQUAL(&sets[i], &mine) != 0;
  mem_free(sets);
  return sharers;
}

static void name_hosts(void) {
  char name[MPI_MAX_PROCESSOR_NAME] = "", mine[HOST] = "";
  int n;
  (void)MPI_Get_processor_name(name, &n);
  memcpy(mine, name, HOST - 1);
  job.hosts = mem_zero((size_t)job.count, sizeof *job.hosts, "ranks");
  (void)MPI_Allgather(mine, HOST, MPI_CHAR, job.hosts, HOST, MPI_CHAR, MPI_COMM_WORLD);
}

bool ranks_start(Err *err) {
  int level;
  (void)err;
  if (!launched()) return true;
  (void)MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
  job.joined = true;
  (void)MPI_Comm_size(MPI_COMM_WORLD, &job.count);
  (void)MPI_Comm_rank(MPI_COMM_WORLD, &job.me);
  if (job.count == 1 && launched_size() > 1)
    return err_set(err, ERR_USAGE,
                   "%d processes were started together, but %s finds each alone: start them with the mpirun of that "
                   "library, or with srun --mpi=pmix",
                   launched_size(), ranks_library());
  name_hosts();
  find_near();
  job.sharers = count_sharers();
  return true;
}

void ranks_end(void) {
  if (!job.joined) return;
  for (int i = 0; i < job.n_windows; i++) (void)MPI_Win_free(&job.windows[i]);
  mem_free(job.windows);
  mem_free(job.hosts);
  mem_free(job.requests);
  (void)MPI_Finalize();
  job.hosts = NULL;
  job.requests = NULL;
  job.joined = false;
}

_Noreturn void ranks_abort(int status) {
  (void)MPI_Abort(MPI_COMM_WORLD, status);
  abort();
}

int ranks_count(void) { return job.count; }
int ranks_me(void) { return job.me; }
const char *ranks_host(int rank) { return job.hosts == NULL ? "" : job.hosts[rank]; }
int64_t ranks_sent(void) { return job.sent; }

int ranks_cores(void) {
  int n = pool_cores() / job.sharers;
  return n < 1 ? 1 : n;
}

void ranks_sum(double *numbers, size_t n) {
  enum { AT_ONCE = 1 << 24 };
  if (job.count == 1) return;
  for (size_t at = 0; at < n; at += AT_ONCE) {
    size_t k = n - at < AT_ONCE ? n - at : AT_ONCE;
    (void)MPI_Allreduce(MPI_IN_PLACE, numbers + at, (int)k, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  }
  job.sent += (int64_t)(2 * n * sizeof *numbers);
}

int ranks_max(int value) {
  if (job.count == 1) return value;
  (void)MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  job.sent += (int64_t)(2 * sizeof value);
  return value;
}

enum { MESSAGE = 1 << 30 }; /* most bytes of one */

static void broadcast(void *at, size_t n, MPI_Comm ranks) {
  for (size_t i = 0; i < n; i += MESSAGE) {
    size_t k = n - i < MESSAGE ? n - i : MESSAGE;
    (void)MPI_Bcast((char *)at + i, (int)k, MPI_BYTE, 0, ranks);
  }
}

void ranks_broadcast(void *at, size_t n) {
  if (job.count > 1) broadcast(at, n, MPI_COMM_WORLD);
}

int ranks_near_count(void) { return job.near_count; }
int ranks_near_me(void) { return job.near_me; }

void ranks_near_broadcast(void *at, size_t n) {
  if (job.near_count > 1) broadcast(at, n, job.near);
}

void ranks_near_wait(void) {
  if (job.near_count > 1) (void)MPI_Barrier(job.near);
}

/* Where libraries keep what processes share; they wait for each other for ever when one finds it full. */
static int has_room(size_t n) {
  struct statvfs room;
  size_t margin = n / 8 + ((size_t)16 << 20);
  return statvfs("/dev/shm", &room) != 0 || (uint64_t)room.f_bavail * room.f_frsize > (uint64_t)n + margin;
}

void *ranks_share(size_t n) {
  MPI_Aint size = job.near_me == 0 ? (MPI_Aint)n : 0;
  MPI_Win window;
  void *at = NULL;
  int unit, room = has_room(n);
  ranks_near_broadcast(&room, sizeof room);
  if (room == 0) return NULL;
  (void)MPI_Win_allocate_shared(size, 1, MPI_INFO_NULL, job.near, &at, &window);
  (void)MPI_Win_shared_query(window, 0, &size, &unit, &at);
  job.windows = mem_grow(job.windows, (size_t)job.n_windows + 1, sizeof(MPI_Win), "ranks");
  job.windows[job.n_windows++] = window;
  return at;
}

static size_t count_messages(const RanksPart *parts, int n) {
  size_t messages = 0;
  for (int i = 0; i < n; i++) messages += (parts[i].n + MESSAGE - 1) / MESSAGE;
  return messages;
}

static size_t post(const RanksPart *part, bool send, MPI_Request *requests) {
  size_t n = 0;
  for (size_t i = 0; i < part->n; i += MESSAGE, n++) {
    int k = (int)(part->n - i < MESSAGE ? part->n - i : MESSAGE);
    char *at = (char *)part->at + i;
    if (send) (void)MPI_Isend(at, k, MPI_BYTE, part->rank, 0, MPI_COMM_WORLD, &requests[n]);
    else (void)MPI_Irecv(at, k, MPI_BYTE, part->rank, 0, MPI_COMM_WORLD, &requests[n]);
  }
  return n;
}

void ranks_trade(const RanksPart *sent, int n_sent, const RanksPart *received, int n_received) {
  size_t most = count_messages(sent, n_sent) + count_messages(received, n_received), n = 0;
  if (most > job.n_requests) {
    job.requests = mem_grow(job.requests, most, sizeof(MPI_Request), "ranks");
    job.n_requests = most;
  }
  for (int i = 0; i < n_received; i++) n += post(&received[i], false, job.requests + n);
  for (int i = 0; i < n_sent; i++) {
    n += post(&sent[i], true, job.requests + n);
    job.sent += (int64_t)sent[i].n;
  }
  (void)MPI_Waitall((int)n, job.requests, MPI_STATUSES_IGNORE);
}

#else

const char *ranks_library(void) { return NULL; }

bool ranks_start(Err *err) {
  if (launched_size() == 1 || is_set("ATTN_SEQ2SEQ_MPI", "no") || !launched()) return true;
  return err_set(err, ERR_USAGE,
                 "%d processes were started together, but this build is without MPI and each would work alone: install "
                 "libopenmpi-dev and build again",
                 launched_size());
}

void ranks_end(void) {}
_Noreturn void ranks_abort(int status) { _exit(status); }
int ranks_count(void) { return 1; }
int ranks_me(void) { return 0; }
const char *ranks_host(int rank) {
  (void)rank;
  return "";
}
int64_t ranks_sent(void) { return 0; }
int ranks_cores(void) { return pool_cores(); }
void ranks_sum(double *numbers, size_t n) {
  (void)numbers;
  (void)n;
}
int ranks_max(int value) { return value; }
void ranks_broadcast(void *at, size_t n) {
  (void)at;
  (void)n;
}
int ranks_near_count(void) { return 1; }
int ranks_near_me(void) { return 0; }
void ranks_near_wait(void) {}
void ranks_near_broadcast(void *at, size_t n) {
  (void)at;
  (void)n;
}
void *ranks_share(size_t n) {
  (void)n;
  return NULL;
}
void ranks_trade(const RanksPart *sent, int n_sent, const RanksPart *received, int n_received) {
  (void)sent;
  (void)received;
  CHECK(n_sent == 0 && n_received == 0, "ranks_trade: %d and %d parts, one rank", n_sent, n_received);
}

#endif

bool ranks_fails(int status) {
  enum { SECONDS = 3 };
  if (ranks_count() == 1) return false;
  if (ranks_me() > 0 && nanosleep(&(struct timespec){.tv_sec = SECONDS}, NULL) != 0) _exit(status); /* a signal */
  return true;
}

static RanksPart part_of(void *block, const size_t *starts, int rank, int peer) {
  return (RanksPart){peer, (char *)block + starts[rank], starts[rank + 1] - starts[rank]};
}

void ranks_spread(void *block, const size_t *starts) {
  int n = 0, me = ranks_me(), count = ranks_count();
  if (count == 1) return;
  RanksPart *sent = mem_alloc((size_t)count, sizeof *sent, "ranks");
  RanksPart *received = mem_alloc((size_t)count, sizeof *received, "ranks");
  /* From the next rank on, so that not all send to the same one at once. */
  for (int k = 1; k < count; k++, n++) {
    sent[n] = part_of(block, starts, me, (me + k) % count);
    received[n] = part_of(block, starts, (me - k + count) % count, (me - k + count) % count);
  }
  ranks_trade(sent, n, received, n);
  mem_free(sent);
  mem_free(received);
}

/* Between rank 0 and all others. */
static void trade_with_first(void *block, const size_t *starts, bool gather) {
  int n = 0, me = ranks_me(), count = ranks_count();
  if (count == 1) return;
  RanksPart *parts = mem_alloc((size_t)count, sizeof *parts, "ranks");
  if (me > 0) parts[n++] = part_of(block, starts, me, 0);
  else
    for (int r = 1; r < count; r++) parts[n++] = part_of(block, starts, r, r);
  bool sends = (me > 0) == gather;
  ranks_trade(parts, sends ? n : 0, parts, sends ? 0 : n);
  mem_free(parts);
}

void ranks_gather(void *block, const size_t *starts) { trade_with_first(block, starts, true); }
void ranks_scatter(void *block, const size_t *starts) { trade_with_first(block, starts, false); }

/* ---- Agreement. */

enum { SHOWN = 64, MOST_CLAIMS = 8 /* of one message */ };

typedef struct Value {
  char digest[65], shown[SHOWN];
} Value;

static Value value_of(const char *text) {
  Value v = {{0}, {0}};
  size_t n = strlen(text), k = n < SHOWN ? n : SHOWN - 4;
  sha256_hex(text, n, v.digest);
  memcpy(v.shown, text, k);
  if (k < n) memcpy(v.shown + k, "...", 3);
  return v;
}

/* The first rank whose value is another than that of rank 0, or 0. */
static int find_other(const Value *values, int claim, int n) {
  for (int r = 1; r < ranks_count(); r++)
    if (strcmp(values[r * n + claim].digest, values[claim].digest) != 0) return r;
  return 0;
}

static bool compare(const RanksClaim *claims, const Value *values, int n, Err *err) {
  int n_other = 0;
  Str text = {0};
  for (int i = 0; i < n; i++) {
    int r = find_other(values, i, n);
    if (r == 0) continue;
    if (n_other++ < MOST_CLAIMS)
      str_addf(&text, "\n%s: %s on %s (rank 0), %s on %s (rank %d)", claims[i].name, values[i].shown, ranks_host(0),
               values[r * n + i].shown, ranks_host(r), r);
  }
  if (n_other > 0)
    (void)err_set(err, ERR_USAGE, "the ranks of the job differ, so that their results would not fit together%s",
                  str_text(&text));
  if (n_other > MOST_CLAIMS) (void)err_add(err, ERR_USAGE, "and %d more", n_other - MOST_CLAIMS);
  str_free(&text);
  return n_other == 0;
}

bool ranks_agree(const RanksClaim *claims, int n, Err *err) {
  int count = ranks_count();
  if (count == 1) return true;
  Value *values = mem_zero((size_t)count * (size_t)n, sizeof *values, "ranks");
  size_t *starts = mem_zero((size_t)count + 1, sizeof *starts, "ranks");
  for (int r = 0; r < count; r++) starts[r + 1] = starts[r] + (size_t)n * sizeof *values;
  for (int i = 0; i < n; i++) values[ranks_me() * n + i] = value_of(claims[i].value);
  ranks_spread(values, starts);
  bool same = compare(claims, values, n, err);
  mem_free(starts);
  mem_free(values);
  return same;
}

bool ranks_agree_on_program(const char *kernels, const char *blas, Err *err) {
  char hex[65] = "unknown";
  Err ignored = {0};
  if (ranks_count() == 1) return true;
  (void)io_sha256("/proc/self/exe", hex, &ignored);
  const RanksClaim claims[] = {{"SHA-256 of the program", hex}, {"kernels", kernels}, {"OpenBLAS", blas}};
  return ranks_agree(claims, sizeof claims / sizeof *claims, err);
}
