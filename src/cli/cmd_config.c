/* cmd_config.c - prints the resolved config, or the schema of all configs. */
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "conf/config.h"

typedef struct Options {
  bool schema;
  OptionList sets;
} Options;

static const Option table[] = {
    OPT_FLAG(Options, schema, "schema", 0, "print the JSON Schema of a config instead"),
    OPT_LIST(Options, sets, "set", 0, "KEY=VALUE", "set a key of the config; VALUE is JSON, else a string"),
};

static bool resolve(Str *out, const char *path, const OptionList *sets, Err *err) {
  Config config;
  Warnings warnings = {.warn = output_warn};
  if (!config_load(&config, path, sets->at, sets->n, &warnings, err)) return false;
  Json *json = config_to_json(&config, false);
  json_print(out, json, true);
  str_addc(out, '\n');
  json_free(json);
  config_free(&config);
  return true;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  Str text = {0};
  bool ok = true;
  if (o->schema && n_arguments > 0)
    ok = err_set(err, ERR_USAGE, "config: --schema describes all configs; leave %s out", arguments[0]);
  else if (o->schema) config_schema(&text);
  else ok = resolve(&text, n_arguments > 0 ? arguments[0] : NULL, &o->sets, err);
  if (ok) (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return (int)err->kind;
}

static const char *const examples[] = {"config config.json", "config --schema > schema.json", NULL};

const Command cmd_config = {
    .name = "config",
    .arguments = "[CONFIG.json]",
    .summary = "Print a config with every default filled in, or the JSON Schema of configs",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
