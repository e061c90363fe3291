/* int8_amx.h - the products of int8.c with AMX, whose tiles are 16 rows of 64 bytes. To be included by it alone.
 *
 * Tiles multiply bytes, and inputs have 12 bits: a code x is 16 (x >> 4) + (x & 15), and so are its sums, 2^32 apart at
 * most. For 16 columns a tile of weights is 16 steps of a panel. */

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

/* Rows [m] of codes as tiles of `rows` rows: for each block of rows and 64 codes both parts. Rows from m on are 0. */
static void arrange(const int16_t *x, int m, int rows, int length, int8_t *to) {
  size_t tile = (size_t)rows * TILE_BYTES;
  for (int first = 0; first < m; first += rows)
    for (int k = 0; k < length; k += DEPTH, to += PARTS * tile)
      for (int r = 0; r < rows; r++) {
        const int16_t *from = x + (size_t)(first + r) * (size_t)length + k;
        int8_t *high = to + (size_t)r * TILE_BYTES, *low = high + tile;
        if (first + r >= m) memset(high, 0, TILE_BYTES), memset(low, 0, TILE_BYTES);
        for (int i = 0; i < DEPTH && first + r < m; i++) {
          high[i] = (int8_t)(from[i] >> LOW_BITS);
          low[i] = (int8_t)(from[i] & ((1 << LOW_BITS) - 1));
        }
      }
}

/* What a block of rows and a panel come to. */
typedef struct TileSums {
  int32_t at[PARTS][2][ROWS * LANES];
} TileSums;

/* ahead: of what is multiplied next, the tiles that are asked for meanwhile. */
static void sum_tiles(const int8_t *x, int rows, const int8_t *panel, int n_steps, const int8_t *ahead, int n_ahead,
                      TileSums *sums) {
  size_t tile = (size_t)rows * TILE_BYTES;
  CLEAR(SUMS_00);
  CLEAR(SUMS_01);
  CLEAR(SUMS_10);
  CLEAR(SUMS_11);
  for (int step = 0; step < n_steps; step += TILE_STEPS, x += PARTS * tile, panel += TILE_STEPS * STEP) {
    for (int line = 0; n_ahead > 0 && line < TILE_STEPS * STEP; line += LINE) __builtin_prefetch(ahead + line, 0, 2);
    ahead += TILE_STEPS * STEP;
    n_ahead--;
    LOAD(INPUTS_0, x, TILE_BYTES);
    LOAD(WEIGHTS_0, panel, STEP);
    MULTIPLY(SUMS_00, INPUTS_0, WEIGHTS_0);
    LOAD(WEIGHTS_1, panel + TILE_BYTES, STEP);
    MULTIPLY(SUMS_01, INPUTS_0, WEIGHTS_1);
    LOAD(INPUTS_1, x + tile, TILE_BYTES);
    MULTIPLY(SUMS_10, INPUTS_1, WEIGHTS_0);
    MULTIPLY(SUMS_11, INPUTS_1, WEIGHTS_1);
  }
  STORE(SUMS_00, sums->at[0][0]);
  STORE(SUMS_01, sums->at[0][1]);
  STORE(SUMS_10, sums->at[1][0]);
  STORE(SUMS_11, sums->at[1][1]);
}

/* The sums of row r and half a panel, scaled. */
static inline Lane take_lanes(const TileSums *sums, int r, int half, const real *scale, const Row *row) {
  IntLane high = *(const IntLane *)(sums->at[0][half] + (size_t)r * LANES);
  IntLane low = *(const IntLane *)(sums->at[1][half] + (size_t)r * LANES);
  return scaled((high << LOW_BITS) + low, scale, row);
}

/* y [NR] = start + the sums of row r, scaled. */
static inline void put_row(const TileSums *sums, int r, const real *scale, const Row *row, const real *start, real *y) {
  const Lane none = {0};
  Lane from[2] = {none, none};
  if (start != NULL) from[0] = *(const Lane *)start, from[1] = *(const Lane *)(start + LANES);
  *(Lane *)y = from[0] + take_lanes(sums, r, 0, scale, row);
  *(Lane *)(y + LANES) = from[1] + take_lanes(sums, r, 1, scale + LANES, row);
}

/* The first n < NR of them. */
static void put_edge(const TileSums *sums, int r, const real *scale, const Row *row, const real *start, int n,
                     real *y) {
  real whole[NR] = {0};
  if (start != NULL) memcpy(whole, start, (size_t)n * sizeof(real));
  put_row(sums, r, scale, row, whole, whole);
  memcpy(y, whole, (size_t)n * sizeof(real));
}

static int at_most(int n, int most) { return n < most ? n : most; }

static void multiply(const Pack *pack, int m, int n, const int16_t *x, const Row *row, PackStart start, real *y,
                     size_t ldy) {
  int8_t inputs[PARTS * (MOST_INPUTS + MOST_INPUTS / 8)] __attribute__((aligned(LINE)));
  TileSums sums __attribute__((aligned(LINE)));
  int tiles = (m + ROWS - 1) / ROWS, rows = (m + tiles - 1) / tiles, n_steps = steps(pack->cols);
  int length = n_steps * GROUP, chunks = n_steps / TILE_STEPS;
  size_t bytes = panel_bytes(pack->cols);
  arrange(x, m, rows, length, inputs);
  open_tiles(rows);
  for (int j = 0; j < n; j += NR) {
    const int8_t *panel = pack->codes + (size_t)(j / NR) * bytes;
    for (int t = 0; t < tiles; t++) {
      int first = t * chunks / tiles, last = (t + 1) * chunks / tiles;
      sum_tiles(inputs + PARTS * (size_t)t * (size_t)rows * (size_t)length, rows, panel, n_steps,
                panel + bytes + (size_t)first * TILE_STEPS * STEP, last - first, &sums);
      for (int r = t * rows; r < at_most(m, (t + 1) * rows); r++) {
        const real *from = pack_start_at(start, r, j).at;
        real *to = y + (size_t)r * ldy + j;
        if (n - j >= NR) put_row(&sums, r - t * rows, pack->scale + j, row + r, from, to);
        else put_edge(&sums, r - t * rows, pack->scale + j, row + r, from, n - j, to);
      }
    }
  }
  __asm__ volatile("tilerelease");
}
