#include "ck_gather.h"

#include "internal.h"

// ASKED_BYTES: as much as a core can wait for at a time, and somewhat more.
enum { CACHE_LINE = 64, ASKED_BYTES = 4096 };

typedef struct gather {
  char *dst;
  const char *table;
  const void *indices;
  int64_t rows, count, n;
  size_t row_bytes;
  int wide;
  ck_missing missing;
} gather;

CK_INLINE int64_t index_at(const gather *c, int64_t i) {
  return c->wide ? ((const int64_t *)c->indices)[i] : ((const int32_t *)c->indices)[i];
}

// Asks memory for a row: rows that lie anywhere come one after the other else.
CK_INLINE void ask_for_row(const gather *c, int64_t i) {
  const int64_t row = index_at(c, i);
  if (row < 0 || row >= c->rows) return;
  const char *from = c->table + (size_t)row * c->row_bytes;
  for (size_t at = 0; at < c->row_bytes; at += CACHE_LINE) __builtin_prefetch(from + at, 0, 2);
}

static void gather_range(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gather *c = context;
  const bool asks = c->row_bytes >= CACHE_LINE && c->row_bytes <= ASKED_BYTES;
  const int64_t ahead = asks ? (int64_t)(ASKED_BYTES / c->row_bytes) : 0;
  for (ptrdiff_t i = begin; i < end; i++) {
    if (asks && i == begin)
      for (ptrdiff_t j = i; j < ck_min64(end, i + ahead); j++) ask_for_row(c, j);
    if (asks && i + ahead < end) ask_for_row(c, i + ahead);
    int64_t row = index_at(c, i);
    char *to = c->dst + (size_t)i * c->row_bytes;
    if (row < 0 || row >= c->rows) {
      if (c->missing != CK_MISSING_CLAMP) {
        memset(to, c->missing == CK_MISSING_NAN ? 0xff : 0, c->row_bytes);
        continue;
      }
      row = row < 0 ? 0 : c->rows - 1;
    }
    const char *from = c->table + (size_t)row * c->row_bytes;
    switch (c->row_bytes) {  // what is small is not worth a call
      case 1: *to = *from; break;
      case 4: memcpy(to, from, 4); break;
      case 8: memcpy(to, from, 8); break;
      default: memcpy(to, from, c->row_bytes);
    }
  }
}

void ck_gather_rows(void *dst, const void *table, int64_t rows, size_t row_bytes,
                    const void *indices, int wide, int64_t count, ck_missing missing) {
  gather call = {dst, table, indices, rows, count, 0, row_bytes, wide, missing};
  // Rows far apart in memory come slowly: a second thread pays early.
  ck_parallel(count, ck_grain((int64_t)row_bytes), gather_range, &call);
}

// Task: a block of columns, all indices in order, so that every sum has one order.
CK_HOT static void scatter_columns(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gather *c = context;
  float *table = (float *)c->dst;
  const float *updates = (const float *)c->table;
  const int64_t width = end - begin;
  for (int64_t i = 0; i < c->count; i++) {
    const int64_t row = index_at(c, i);
    if (row < 0 || row >= c->rows) continue;
    float *to = table + row * c->n + begin;
    const float *from = updates + i * c->n + begin;
    CK_LOOP16 for (int64_t j = 0; j < width; j++) to[j] += from[j];
  }
}

void ck_scatter_add_rows_f32(float *table, int64_t rows, int64_t n, const void *indices, int wide,
                             const float *updates, int64_t count) {
  gather call = {(char *)table, (const char *)updates, indices, rows, count, n, 0, wide, 0};
  const int64_t columns = ck_ceil_div(ck_grain(count), 32) * 32;
  ck_parallel(n, columns, scatter_columns, &call);
}

static void one_hot_range(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gather *c = context;
  float *out = (float *)c->dst + begin * c->n;
  memset(out, 0, (size_t)((end - begin) * c->n) * sizeof(float));
  for (ptrdiff_t i = begin; i < end; i++, out += c->n) {
    const int64_t index = index_at(c, i);
    if (index >= 0 && index < c->n) out[index] = 1.0f;
  }
}

void ck_one_hot_f32(float *out, const void *indices, int wide, int64_t count, int64_t depth) {
  gather call = {(char *)out, NULL, indices, 0, count, depth, 0, wide, 0};
  ck_parallel(count, ck_grain(depth), one_hot_range, &call);
}

enum { SUM_COLUMNS = 64 };

typedef struct cumulative {
  void *y;
  const void *x;
  int64_t n, inner;
  int reverse, exclusive;
} cumulative;

// Task: a block of columns of one outer index.
#define DEFINE_CUMULATIVE(T, SUFFIX)                                                             \
  CK_HOT static void cumulative_tasks_##SUFFIX(ptrdiff_t begin, ptrdiff_t end, void *context) {  \
    const cumulative *c = context;                                                               \
    const int64_t blocks = ck_ceil_div(c->inner, SUM_COLUMNS);                                   \
    for (ptrdiff_t t = begin; t < end; t++) {                                                    \
      const int64_t column = t % blocks * SUM_COLUMNS;                                           \
      const int64_t width = ck_min64(SUM_COLUMNS, c->inner - column);                            \
      const int64_t offset = t / blocks * c->n * c->inner + column;                              \
      double sums[SUM_COLUMNS] = {0};                                                            \
      for (int64_t k = 0; k < c->n; k++) {                                                       \
        const int64_t at = offset + (c->reverse ? c->n - 1 - k : k) * c->inner;                  \
        const T *x = (const T *)c->x + at;                                                       \
        T *y = (T *)c->y + at;                                                                   \
        if (c->exclusive) {                                                                      \
          CK_LOOP8 for (int64_t j = 0; j < width; j++) {                                         \
            const double term = x[j];                                                            \
            y[j] = (T)sums[j];                                                                   \
            sums[j] += term;                                                                     \
          }                                                                                      \
        } else {                                                                                 \
          CK_LOOP8 for (int64_t j = 0; j < width; j++) {                                         \
            sums[j] += x[j];                                                                     \
            y[j] = (T)sums[j];                                                                   \
          }                                                                                      \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
  }                                                                                              \
  void ck_cumulative_sum_##SUFFIX(T *y, const T *x, int64_t outer, int64_t n, int64_t inner,     \
                                  int reverse, int exclusive) {                                  \
    cumulative call = {y, x, n, inner, reverse, exclusive};                                      \
    ck_parallel(outer * ck_ceil_div(inner, SUM_COLUMNS),                                         \
                ck_grain(n * ck_min64(inner, SUM_COLUMNS)), cumulative_tasks_##SUFFIX, &call);   \
  }

DEFINE_CUMULATIVE(float, f32)
DEFINE_CUMULATIVE(double, f64)
