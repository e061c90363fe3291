#include "nn/cell.h"

#define CELL(name) extern const CellDef cell_##name;
#include "nn/cells.def"
#undef CELL

static const CellDef *const cells[] = {
#define CELL(name) &cell_##name,
#include "nn/cells.def"
#undef CELL
};

const CellDef *cell_def(CellKind kind) { return cells[kind == CELL_cgru ? CELL_gru : kind]; }
