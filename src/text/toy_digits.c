/* toy_digits.c - images of two to six digits in a font of 3 by 5 pixels, and the digits: 8 pixels high, so that in
 * patches of 4 by 4 they are two rows, with one to three columns before each digit and up to three rows above it, so
 * that a digit lies across patches and its place tells little of its number. A digit's sure link is the patch with
 * most of its ink, the first of equal ones; other patches with ink of it are possible. */
#include "base/rng.h"
#include "text/toy.h"

enum {
  LEAST = 2,
  STRATA = 5,
  MOST = LEAST + STRATA - 1,
  WIDE = 3,
  HIGH = 5,
  GAPS = 3,
  SHIFTS = 4,
  HEIGHT = HIGH + SHIFTS - 1,
  PATCH = 4,
  ROWS = HEIGHT / PATCH,
  MOST_WIDTH = MOST * (GAPS + WIDE),
  MOST_COLUMNS = (MOST_WIDTH + PATCH - 1) / PATCH
};

/* Row by row. Every glyph has ink in each column, the first row and the last: so images tell gaps and shifts. */
static const char *const glyphs[] = {"111101101101111", "110010010010111", "111001111100111", "111001111001111",
                                     "101101111001001", "111100111001111", "111100111101111", "111001001001001",
                                     "111101111101111", "111101111001111"};

typedef struct Image {
  int width;
  unsigned char ink[HEIGHT][MOST_WIDTH]; /* 0: none, else 1 + the place of the digit */
} Image;

static uint64_t size(int stratum) {
  uint64_t n = 1;
  for (int i = 0; i < LEAST + stratum; i++) n *= 10 * GAPS * SHIFTS;
  return n;
}

static double weight(int stratum) {
  (void)stratum;
  return 1;
}

static void paint(Image *image, int digit, int place, int gap, int shift) {
  for (int y = 0; y < HIGH; y++)
    for (int x = 0; x < WIDE; x++)
      if (glyphs[digit][y * WIDE + x] == '1')
        image->ink[shift + y][image->width + gap + x] = (unsigned char)(place + 1);
  image->width += gap + WIDE;
}

/* Paper up to 40, ink from 180 on: greys that are the pair's own. */
static void write(const Image *image, uint64_t key, Str *out) {
  str_addf(out, "P5\n%d %d\n255\n", image->width, (int)HEIGHT);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < image->width; x++) {
      uint64_t place = (uint64_t)(y * MOST_WIDTH + x);
      str_addc(out, (char)(image->ink[y][x] > 0 ? 180 + rng_below(key, place, 76) : rng_below(key, place, 41)));
    }
}

static void link(const Image *image, int place, ToyPair *pair) {
  int columns = (image->width + PATCH - 1) / PATCH, ink[ROWS * MOST_COLUMNS] = {0}, most = 0;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < image->width; x++)
      if (image->ink[y][x] == place + 1) ink[y / PATCH * columns + x / PATCH]++;
  for (int i = 0; i < ROWS * columns; i++)
    if (ink[i] > ink[most]) most = i;
  for (int i = 0; i < ROWS * columns; i++) {
    if (i == most) toy_link(pair, i, place);
    else if (ink[i] > 0) toy_link_possible(pair, i, place);
  }
}

static void make(int stratum, uint64_t index, ToyPair *pair) {
  Image image = {0};
  uint64_t key = rng_key((uint64_t)stratum, RNG_TOY, index, 1), rest = index;
  int n = LEAST + stratum;
  for (int j = 0; j < n; j++) {
    int digit = (int)(rest % 10), gap = (int)(rest / 10 % GAPS) + 1, shift = (int)(rest / (10 * GAPS) % SHIFTS);
    rest /= 10 * GAPS * SHIFTS;
    paint(&image, digit, j, gap, shift);
    str_addf(&pair->target, j == 0 ? "%d" : " %d", digit);
  }
  for (int j = 0; j < n; j++) link(&image, j, pair);
  write(&image, key, &pair->file);
}

extern const Toy toy_digits;
const Toy toy_digits = {STRATA, size, weight, make};
