/* int8_amx.h - the products of int8.c with AMX, whose tiles are 16 rows of 64 bytes. To be included by it alone.
 *
 * Tiles multiply bytes, and inputs have 12 bits: a code x is 16 (x >> 4) + (x & 15), and so are its sums. x >> 4 is at
 * least -128: 16 times its sum is within 32 bits, too. For 16 columns a tile of weights is 16 steps of a panel. */

enum { TILE_BYTES = DEPTH, TILE_STEPS = DEPTH / GROUP, LOW_BITS = 4, PARTS = 2 };

/* The registers: inputs by part, weights by half, sums by part and half. */
#define INPUTS_0 "%%tmm0"
#define INPUTS_1 "%%tmm1"
#define WEIGHTS_0 "%%tmm2"
#define WEIGHTS_1 "%%tmm3"
#define SUMS_00 "%%tmm4"
#define SUMS_01 "%%tmm5"
#define SUMS_10 "%%tmm6"
#define SUMS_11 "%%tmm7"
#define CLEAR(tile) __asm__ volatile("tilezero " tile : :)
#define LOAD(tile, at, bytes) \
  __asm__ volatile("tileloadd (%0,%1,1), " tile : : "r"(at), "r"((size_t)(bytes)) : "memory")
#define STORE(tile, at) \
  __asm__ volatile("tilestored " tile ", (%0,%1,1)" : : "r"(at), "r"((size_t)TILE_BYTES) : "memory")
#define MULTIPLY(sums, inputs, weights) __asm__ volatile("tdpbssd " weights ", " inputs ", " sums : :)

/* Inputs and sums of so many rows, weights of 16 steps. */
static void open_tiles(int rows) {
  struct {
    uint8_t palette, start, none[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } config = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    config.bytes[tile] = TILE_BYTES;
    config.rows[tile] = (uint8_t)(tile == 2 || tile == 3 ? TILE_STEPS : rows);
  }
  __asm__ volatile("ldtilecfg %0" : : "m"(config));
}

_Static_assert((long)TOP *((TOP_INPUT >> LOW_BITS) + 1) * PACK_DEEPEST <= INT32_MAX >> LOW_BITS, "sums are exact");

/* Rows [m] of codes as tiles of `rows` rows: for each block of rows and 64 codes both parts. Of rows from m on nobody
 * looks at the sums. */
static void arrange(const int16_t *x, int m, int rows, int length, int8_t *to) {
  size_t tile = (size_t)rows * TILE_BYTES;
  for (int first = 0; first < m; first += rows)
    for (int k = 0; k < length; k += DEPTH, to += PARTS * tile)
      for (int r = 0; r < rows && first + r < m; r++) {
        const int16_t *from = x + (size_t)(first + r) * (size_t)length + k;
        int8_t *high = to + (size_t)r * TILE_BYTES, *low = high + tile;
        for (int i = 0; i < DEPTH; i++) {
          high[i] = (int8_t)(from[i] >> LOW_BITS);
          low[i] = (int8_t)(from[i] & ((1 << LOW_BITS) - 1));
        }
      }
}

/* A block of rows and a panel, and what they come to. */
typedef struct Block {
  int rows, n_steps;
  const int8_t *x, *panel;
  const int8_t *ahead; /* what is multiplied next: so many tiles of it are asked for meanwhile */
  int n_ahead;
  const Row *row;
  const real *scale;
  int32_t sums[PARTS][2][ROWS * LANES] __attribute__((aligned(LINE)));
} Block;

static void sum_tiles(Block *b) {
  enum { CHUNK = TILE_STEPS * STEP };
  size_t tile = (size_t)b->rows * TILE_BYTES;
  const int8_t *x = b->x, *panel = b->panel, *ahead = b->ahead, *end = ahead + (size_t)b->n_ahead * CHUNK;
  CLEAR(SUMS_00);
  CLEAR(SUMS_01);
  CLEAR(SUMS_10);
  CLEAR(SUMS_11);
  for (int step = 0; step < b->n_steps; step += TILE_STEPS, x += PARTS * tile, panel += CHUNK, ahead += CHUNK) {
    for (int line = 0; ahead < end && line < CHUNK; line += LINE) __builtin_prefetch(ahead + line, 0, 2);
    LOAD(INPUTS_0, x, TILE_BYTES);
    LOAD(WEIGHTS_0, panel, STEP);
    MULTIPLY(SUMS_00, INPUTS_0, WEIGHTS_0);
    LOAD(WEIGHTS_1, panel + TILE_BYTES, STEP);
    MULTIPLY(SUMS_01, INPUTS_0, WEIGHTS_1);
    LOAD(INPUTS_1, x + tile, TILE_BYTES);
    MULTIPLY(SUMS_10, INPUTS_1, WEIGHTS_0);
    MULTIPLY(SUMS_11, INPUTS_1, WEIGHTS_1);
  }
  STORE(SUMS_00, b->sums[0][0]);
  STORE(SUMS_01, b->sums[0][1]);
  STORE(SUMS_10, b->sums[1][0]);
  STORE(SUMS_11, b->sums[1][1]);
}

/* The sums of row r and half a panel, scaled. */
static inline Lane take_lanes(const Block *b, int r, int half) {
  IntLane high = *(const IntLane *)(b->sums[0][half] + (size_t)r * LANES);
  IntLane low = *(const IntLane *)(b->sums[1][half] + (size_t)r * LANES);
  return scaled(high * (1 << LOW_BITS) + low, b->scale + half * LANES, b->row + r);
}

/* y [NR] = start + the sums of row r, scaled. */
static inline void put_row(const Block *b, int r, const real *start, real *y) {
  const Lane none = {0};
  Lane from[2] = {none, none};
  if (start != NULL) from[0] = *(const Lane *)start, from[1] = *(const Lane *)(start + LANES);
  *(Lane *)y = from[0] + take_lanes(b, r, 0);
  *(Lane *)(y + LANES) = from[1] + take_lanes(b, r, 1);
}

/* The first n < NR of them. */
static void put_edge(const Block *b, int r, const real *start, int n, real *y) {
  real whole[NR] = {0};
  if (start != NULL) memcpy(whole, start, (size_t)n * sizeof(real));
  put_row(b, r, whole, whole);
  memcpy(y, whole, (size_t)n * sizeof(real));
}

/* Rows are shared out among blocks of equally many; the last may have fewer. */
static void multiply(const Pack *pack, int m, int n, const int16_t *x, const Row *row, PackStart start, real *y,
                     size_t ldy) {
  int8_t inputs[PARTS * (MOST_INPUTS + MOST_INPUTS / 8)] __attribute__((aligned(LINE)));
  int blocks = (m + ROWS - 1) / ROWS, rows = (m + blocks - 1) / blocks, n_steps = steps(pack->cols);
  int length = n_steps * GROUP, tiles = n_steps / TILE_STEPS;
  size_t bytes = panel_bytes(pack->cols);
  Block b = {.rows = rows, .n_steps = n_steps};
  arrange(x, m, rows, length, inputs);
  open_tiles(rows);
  for (int j = 0; j < n; j += NR) {
    b.panel = pack->codes + (size_t)(j / NR) * bytes;
    b.scale = pack->scale + j;
    for (int k = 0; k < blocks; k++) {
      int first = k * rows, ahead = k * tiles / blocks;
      b.x = inputs + PARTS * (size_t)first * (size_t)length;
      b.row = row + first;
      b.ahead = b.panel + bytes + (size_t)ahead * TILE_STEPS * STEP;
      b.n_ahead = (k + 1) * tiles / blocks - ahead;
      sum_tiles(&b);
      for (int r = 0; r < rows && first + r < m; r++) {
        const real *from = pack_start_at(start, first + r, j).at;
        real *to = y + (size_t)(first + r) * ldy + j;
        if (n - j >= NR) put_row(&b, r, from, to);
        else put_edge(&b, r, from, n - j, to);
      }
    }
  }
  __asm__ volatile("tilerelease");
}
