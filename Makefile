# attn-seq2seq: `make` builds the program, `make demo` shows it, `make check` tests it, `make install` installs it.
# Flavours build in folders of their own (build/release, build/double, build/asan, ...), so none needs a `clean`.

PREFIX ?= /usr/local
FLAVOUR ?= release
ARCH ?= native
VERSION := 0.1.0
B := build/$(FLAVOUR)

PACKAGES := openblas libcjson zlib
CFLAGS ?= -O3
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes \
  -Wundef -Wvla -Wcast-qual -Wformat=2
WERROR ?=
march = $(if $(ARCH),-march=$(ARCH))
flags_release := $(march)
flags_double := $(march) -DREAL_DOUBLE
flags_debug := -O1 -g -DDEBUG_FILL
flags_asan := -O1 -g -DDEBUG_FILL -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
flags_tsan := -O1 -g -fsanitize=thread
flags_valgrind := -O1 -g -DDEBUG_FILL

PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) check)
PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES))
CHECK_LIBS := $(shell pkg-config --libs check)
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -DVERSION='"$(VERSION)"' $(CFLAGS) $(WARNINGS) $(WERROR) \
  $(flags_$(FLAVOUR)) -MMD -MP $(PACKAGE_CFLAGS)
LIBS = $(PACKAGE_LIBS) -lpthread -lm

SRC := $(wildcard src/*/*.c)
OBJ := $(SRC:%.c=$(B)/%.o)
LIB_OBJ := $(filter-out $(B)/src/cli/main.o,$(OBJ))
TEST_SRC := $(wildcard tests/*.c)
TEST_OBJ := $(TEST_SRC:%.c=$(B)/%.o)

.PHONY: all
all: attn-seq2seq

attn-seq2seq: $(B)/attn-seq2seq
	cp $< $@

$(B)/attn-seq2seq: $(OBJ)
	@echo "link $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)

# One Check suite per test file: tests/test_NAME.c defines Suite *test_NAME(void); this list follows the folder.
$(B)/suites.def: $(wildcard tests/test_*.c)
	@mkdir -p $(@D)
	@printf 'SUITE(%s)\n' $(notdir $(basename $(wildcard tests/test_*.c))) > $@

$(B)/tests/runner.o: $(B)/suites.def

$(B)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	@echo "cc   $@"
	@$(CC) $(ALL_CFLAGS) -Itests -I$(B) -c -o $@ $<

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "cc   $@"
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

# vec.c holds the vector kernels: it alone may relax floating-point rules (its error is tested).
$(B)/src/num/vec.o: CFLAGS += -fno-math-errno -fno-trapping-math -fno-signed-zeros -fassociative-math -freciprocal-math \
  -ffp-contract=fast

$(B)/runner: $(LIB_OBJ) $(TEST_OBJ)
	@echo "link $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS) $(CHECK_LIBS)

.PHONY: clean
clean:
	rm -rf build attn-seq2seq

-include $(OBJ:.o=.d) $(TEST_OBJ:.o=.d)
