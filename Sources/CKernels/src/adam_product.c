#include "adam_product.h"

#include "ck_step_product.h"
#include "tiles.h"

// m' = m + (g - m) part1, v' = v + (g g - v) part2, w' = w - size m' / (sqrt(v') + epsilon), where
// g = aT b. Of each pair the first is read, the second written.
typedef struct adam {
  const ck_product *product;
  float *m[2], *v[2], *w[2];
  float part1, part2, size, epsilon;
} adam;

enum { HEIGHT = 4, VECTORS = CK_PANEL / 16, LINES = HEIGHT * VECTORS };

// A tile of gradients, whose weights begin at `at`, and that moves them while the next is computed:
// the divider and memory work beside the multipliers then.
typedef struct waiting {
  float g[HEIGHT][CK_PANEL];
  int64_t at, rows, columns;
} waiting;

static bool is_whole(const waiting *t) { return t->rows == HEIGHT && t->columns == CK_PANEL; }

// Moves one weight, or a line of them.
#define MOVE(TYPE)                                                                        \
  {                                                                                       \
    CK_CONTRACT                                                                           \
    const TYPE m = *(const TYPE *)(c->m[0] + at), v = *(const TYPE *)(c->v[0] + at);      \
    const TYPE mean = m + (g - m) * c->part1, square = v + (g * g - v) * c->part2;        \
    const TYPE root = __builtin_elementwise_sqrt(square) + c->epsilon;                    \
    *(TYPE *)(c->m[1] + at) = mean;                                                       \
    *(TYPE *)(c->v[1] + at) = square;                                                     \
    *(TYPE *)(c->w[1] + at) = *(const TYPE *)(c->w[0] + at) - c->size * mean / root;            \
  }

CK_INLINE void move_line(const adam *c, const waiting *t, int64_t line) {
  const int64_t at = t->at + line / VECTORS * c->product->n + line % VECTORS * 16;
  const lanes g = *(const lanes *)(t->g[line / VECTORS] + line % VECTORS * 16);
  MOVE(lanes)
}

// A tile at an end of the matrix, or the last one.
CK_WIDE static void move_rest(const adam *c, const waiting *t) {
  for (int64_t r = 0; r < t->rows; r++) {
    CK_LOOP16 for (int64_t j = 0; j < t->columns; j++) {
      const int64_t at = t->at + r * c->product->n + j;
      const float g = t->g[r][j];
      MOVE(float)
    }
  }
}

// Adds rows [begin, end) of the factors to the sums of the tile at `row` and `column`; with each, if
// it `moves`, a line of the tile before, and memory is asked for one at `next`.
CK_INLINE void add_rows(const bool moves, const adam *c, const waiting *t, int64_t row,
                        int64_t column, int64_t height, int64_t begin, int64_t end, int64_t next,
                        lanes sums[HEIGHT][VECTORS]) {
  CK_CONTRACT
  const ck_product *p = c->product;
  const float *a = p->a + begin * p->k + row;
  const float *b = p->b + column * p->rows + begin * CK_PANEL;
  for (int64_t i = begin; i < end; i++, a += p->k, b += CK_PANEL) {
    lanes right[VECTORS];
    CK_UNROLL for (int v = 0; v < VECTORS; v++) right[v] = *(const lanes *)(b + 16 * v);
    CK_UNROLL for (int r = 0; r < HEIGHT; r++) {
      const lanes left = a[r < height ? r : 0];
      CK_UNROLL for (int v = 0; v < VECTORS; v++) sums[r][v] += left * right[v];
    }
    if (!moves) continue;
    move_line(c, t, i);
    const int64_t soon = next + i / VECTORS * p->n + i % VECTORS * 16;
    __builtin_prefetch(c->m[0] + soon, 0, 2);
    __builtin_prefetch(c->v[0] + soon, 0, 2);
    __builtin_prefetch(c->w[0] + soon, 0, 2);
  }
}

// Computes a tile, moves the weights of the one that waits, and leaves this one to wait.
CK_INLINE void tile(const adam *c, waiting *t, int64_t row, int64_t column, const int64_t height,
                    int64_t next) {
  const int64_t rows = c->product->rows, n = c->product->n;
  const int64_t moved = is_whole(t) ? ck_min64(rows, LINES) : 0;
  lanes sums[HEIGHT][VECTORS];
  CK_UNROLL for (int r = 0; r < HEIGHT; r++)
    CK_UNROLL for (int v = 0; v < VECTORS; v++) sums[r][v] = (lanes)0.0f;
  add_rows(true, c, t, row, column, height, 0, moved, next, sums);
  add_rows(false, c, t, row, column, height, moved, rows, next, sums);
  if (moved == 0) move_rest(c, t);
  for (int64_t line = moved; moved > 0 && line < LINES; line++) move_line(c, t, line);
  CK_UNROLL for (int r = 0; r < HEIGHT; r++)
    CK_UNROLL for (int v = 0; v < VECTORS; v++) *(lanes *)(t->g[r] + 16 * v) = sums[r][v];
  t->at = row * n + column;
  t->rows = height;
  t->columns = ck_min64(CK_PANEL, n - column);
}

// Row by row of tiles, so that memory is read in order.
CK_WIDE static void run(const adam *c, int64_t begin, int64_t end) {
  const int64_t n = c->product->n;
  waiting t;
  t.rows = 0;
  for (int64_t row = begin; row < end; row += HEIGHT) {
    for (int64_t column = 0; column < n; column += CK_PANEL) {
      const int64_t next =
          column + CK_PANEL < n ? row * n + column + CK_PANEL : ck_min64(row + HEIGHT, end) * n;
      if (row + HEIGHT <= end) {
        tile(c, &t, row, column, HEIGHT, next);
      } else {
        tile(c, &t, row, column, end - row, next);
      }
    }
  }
  move_rest(c, &t);
}

// A number that is the same for all weights.
static bool is_number(const ck_program *program, const ck_instruction *i, uint16_t name,
                      float *to) {
  if (name == CK_IMMEDIATE || name == CK_IMMEDIATE_2) {
    *to = (float)(name == CK_IMMEDIATE ? i->immediate : i->immediate_2);
    return true;
  }
  if (name < CK_OPERAND) return false;
  const ck_operand *operand = &program->operands[name - CK_OPERAND];
  if (operand->kind != CK_SCALAR || operand->dtype != CK_F32) return false;
  *to = *(const float *)operand->data;
  return true;
}

// What an instruction reads and writes of each weight.
static bool are_weights(const ck_program *program, uint16_t from, uint16_t to, float *pair[2]) {
  const uint16_t names[2] = {from, to};
  for (int i = 0; i < 2; i++) {
    if (names[i] < CK_OPERAND || names[i] >= CK_IMMEDIATE) return false;
    const ck_operand *operand = &program->operands[names[i] - CK_OPERAND];
    if (operand->kind != CK_FULL || operand->dtype != CK_F32) return false;
    pair[i] = operand->data;
  }
  return true;
}

bool ck_adam_with_product(const ck_program *program, int64_t begin, int64_t end) {
  const ck_instruction *i = program->instructions;
  if (program->instruction_count != 4 || i->op != CK_ADAM || program->product_count != 1 ||
      !ck_is_wide())
    return false;
  adam c = {.product = program->products, .epsilon = (float)i[3].immediate};
  const uint16_t gradient = (uint16_t)(CK_OPERAND + c.product->operand);
  if (i[0].b != gradient || i[1].b != gradient ||
      !is_number(program, &i[0], i[0].c, &c.part1) ||
      !is_number(program, &i[1], i[1].c, &c.part2) ||
      !is_number(program, &i[2], i[2].a, &c.size) ||
      !are_weights(program, i[0].a, i[0].dst, c.m) ||
      !are_weights(program, i[1].a, i[1].dst, c.v) ||
      !are_weights(program, i[3].a, i[3].dst, c.w))
    return false;
  run(&c, begin, end);
  return true;
}
