#include "base/sha256.h"

#include <check.h>
#include <string.h>

#include "base/mem.h"

/* NIST's examples for FIPS 180, and lengths about the padding's edges (digests of coreutils' sha256sum). */
static const struct {
  const char *text;
  const char *digest;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

START_TEST(nist_vectors) {
  char hex[65];
  sha256_hex(vectors[_i].text, strlen(vectors[_i].text), hex);
  ck_assert_str_eq(hex, vectors[_i].digest);
}
END_TEST

static const struct {
  size_t n;
  const char *digest;
} repeated[] = {
    {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
    {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
    {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
    {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
    {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
    {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
    {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

START_TEST(repeated_letter) {
  char hex[65];
  size_t n = repeated[_i].n;
  char *text = mem_alloc(n, 1, "test");
  memset(text, 'a', n);
  sha256_hex(text, n, hex);
  ck_assert_str_eq(hex, repeated[_i].digest);
  mem_free(text);
}
END_TEST

/* Pieces of every size give what the whole does. */
START_TEST(piece_by_piece) {
  enum { ALL = 1000 };
  char text[ALL], whole[65], pieces[65];
  for (int i = 0; i < ALL; i++) text[i] = (char)(i % 251);
  sha256_hex(text, ALL, whole);
  for (size_t step = 1; step <= 200; step++) {
    Sha256 sha = sha256_open();
    for (size_t at = 0; at < ALL; at += step) sha256_add(&sha, text + at, ALL - at < step ? ALL - at : step);
    sha256_close(&sha, pieces);
    ck_assert_str_eq(pieces, whole);
  }
}
END_TEST

Suite *test_sha256(void);
Suite *test_sha256(void) {
  Suite *s = suite_create("sha256");
  TCase *t = tcase_create("sha256");
  tcase_add_test(t, piece_by_piece);
  tcase_add_loop_test(t, nist_vectors, 0, sizeof vectors / sizeof *vectors);
  tcase_add_loop_test(t, repeated_letter, 0, sizeof repeated / sizeof *repeated);
  suite_add_tcase(s, t);
  return s;
}
