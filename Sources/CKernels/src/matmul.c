#include "ck_matmul.h"

#include "ck_step_product.h"
#include "ck_tile_product.h"
#include "tile_product.h"

// The most rows that a thread takes through a panel of b at a time: they stay in the second-level
// cache for the next one.
enum { ROWS = 192 };

typedef struct matmul {
  const ck_matmul *call;
  int64_t panels, groups, parts;
} matmul;

// A b that comes from memory: each thread has columns of it.
static bool is_large(int64_t k, int64_t n) { return k * n >= 1 << 18 && n >= 4 * CK_PANEL; }

// How many sums over some of k by themselves make the result.
//
// Few rows times a b that stays in the caches: the thread that has moved these rows of a layer's
// kernel has them still, and lines that two threads read are slow to write again. The gradient of a
// kernel, a sum over many rows of a and b: a thread reads those that it has itself computed.
static int64_t parts_of(const ck_matmul *c) {
  if (c->a_row != 1)
    return c->m <= CK_THIN && c->k >= 256 && !is_large(c->k, c->n) && !c->is_packed ? 2 : 1;
  for (int64_t parts = 4; parts > 1; parts /= 2)
    if (c->k >= 256 * parts && 2 * parts * c->m * c->n <= c->k * (c->m + c->n)) return parts;
  return 1;
}

int64_t ck_matmul_scratch(const ck_matmul *call) {
  return (parts_of(call) - 1) * call->m * call->n;
}

// Groups of rows so that all threads have about as much to do. Each has rows of its own where there
// are enough, as lines that lie next to those of another thread travel between cores.
static int64_t groups_of(const ck_matmul *c, int64_t tasks, bool is_whole) {
  const int64_t threads = ck_thread_count(), least = ck_ceil_div(c->m, ROWS);
  if (is_whole && (c->m > CK_THIN || (c->m >= 12 * threads && !is_large(c->k, c->n))))
    return ck_ceil_div(least, threads) * threads;
  int64_t groups = least;
  while (groups < c->m / 12 &&
         ck_ceil_div(tasks * groups, threads) * threads * 10 > tasks * groups * 11)
    groups++;
  return groups;
}

// What y begins with, before products are added.
static bool begin_rows(const ck_matmul *c, int64_t row, int64_t rows, int64_t column,
                       int64_t width) {
  if (!c->bias && !c->addend) return false;
  const size_t bytes = (size_t)width * sizeof(float);
  for (int64_t r = row; r < row + rows; r++) {
    float *y = c->y + r * c->n + column;
    const float *addend = c->addend ? c->addend + r * c->n + column : NULL;
    const float *bias = c->bias ? c->bias + column : NULL;
    if (addend && bias) CK_LOOP16 for (int64_t j = 0; j < width; j++) y[j] = addend[j] + bias[j];
    else memmove(y, bias ? bias : addend, bytes);
  }
  return true;
}

CK_HOT static void hold(float *y, int64_t width, float low, float high) {
  CK_LOOP16 for (int64_t j = 0; j < width; j++) y[j] = y[j] < low ? low : y[j] > high ? high : y[j];
}

static bool holds(const ck_matmul *c) { return c->low != -INFINITY || c->high != INFINITY; }

static void run_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const matmul *m = context;
  const ck_matmul *c = m->call;
  int64_t offsets[ROWS];
  for (int64_t r = 0; r < ck_min64(c->m, ROWS); r++) offsets[r] = r * c->a_row;
  for (ptrdiff_t task = begin; task < end; task++) {
    const int64_t part = task / (m->panels * m->groups), group = task / m->panels % m->groups;
    const int64_t column = task % m->panels * CK_PANEL, width = ck_min64(CK_PANEL, c->n - column);
    const int64_t row = c->m * group / m->groups, rows = c->m * (group + 1) / m->groups - row;
    const int64_t from = c->k * part / m->parts, depth = c->k * (part + 1) / m->parts - from;
    const factor b =
        c->is_packed
            ? (factor){c->b + column * c->k + from * CK_PANEL, CK_PANEL, 1, true}
            : (factor){c->b + from * c->b_row + column * c->b_column, c->b_row, c->b_column};
    const bool accumulates = part == 0 && begin_rows(c, row, rows, column, width);
    float *sums = part == 0 ? c->y : c->scratch + (part - 1) * c->m * c->n;
    float *y = sums + row * c->n + column;
    tile_product(depth, rows, width, c->a + row * c->a_row + from * c->a_column,
                 c->a_row == 1 ? NULL : offsets, c->a_column, b, y, c->n, accumulates);
    for (int64_t r = 0; r < rows && m->parts == 1 && holds(c); r++)
      hold(y + r * c->n, width, c->low, c->high);
  }
}

CK_HOT static void join_parts(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const matmul *m = context;
  const ck_matmul *c = m->call;
  float *y = c->y;
  const float *other = c->scratch;
  for (int64_t part = 1; part < m->parts; part++, other += c->m * c->n)
    CK_LOOP16 for (ptrdiff_t j = begin; j < end; j++) y[j] += other[j];
  if (holds(c)) hold(y + begin, end - begin, c->low, c->high);
}

void ck_matmul_f32(const ck_matmul *call) {
  matmul m = {call, ck_ceil_div(call->n, CK_PANEL)};
  m.parts = parts_of(call);
  m.groups = groups_of(call, m.panels * m.parts, m.parts == 1);
  const int64_t tasks = m.panels * m.groups * m.parts;
  ck_parallel(tasks, ck_grain(call->m * call->k * call->n / tasks / 4), run_tasks, &m);
  if (m.parts > 1) ck_parallel(call->m * call->n, CK_GRAIN, join_parts, &m);
}
