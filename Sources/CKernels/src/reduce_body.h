// The reductions of one element type T; NAME(x) is the exported name of x.
#include "reduce.h"

typedef T lanes __attribute__((ext_vector_type(16), aligned(4)));

typedef struct shape {
  const T *x;
  T *out;
  double *partials;  // [outer, chunks, inner], or null where there is one chunk
  double scale;
  int64_t outer, reduce, inner, chunk_rows, chunks, column_blocks;
  ck_reduction kind;
} shape;

// For each reduction: its identity, what becomes of an element, how two results are joined. The
// macros serve scalars and vectors.
#define SAME(x) (x)
#define SQUARE(x) ((x) * (x))
#define PLUS(a, b) ((a) + (b))
#define TIMES(a, b) ((a) * (b))
#define GREATER(a, b) ((((a) > (b)) | ((a) != (a))) ? (a) : (b))
#define LESS(a, b) ((((a) < (b)) | ((a) != (a))) ? (a) : (b))

// NAME_row: of n consecutive elements. NAME_columns: acc[c] joined with n rows' elements c.
// NAME_join: the chunks' results for columns [begin, end) of one outer index.
#define DEFINE(NAME_, IDENTITY, MAP, JOIN)                                                        \
  CK_INLINE double NAME_##_row(const T *x, int64_t n) {                                           \
    double total = IDENTITY;                                                                      \
    for (int64_t begin = 0; begin < n; begin += 1024) {                                           \
      const int64_t end = ck_min64(n, begin + 1024);                                              \
      lanes a = IDENTITY, b = a, c = a, d = a;                                                    \
      int64_t i = begin;                                                                          \
      for (; i + 64 <= end; i += 64) {                                                            \
        const lanes p = *(const lanes *)(x + i), q = *(const lanes *)(x + i + 16);                \
        const lanes r = *(const lanes *)(x + i + 32), s = *(const lanes *)(x + i + 48);           \
        a = JOIN(a, MAP(p)), b = JOIN(b, MAP(q)), c = JOIN(c, MAP(r)), d = JOIN(d, MAP(s));       \
      }                                                                                           \
      for (; i + 16 <= end; i += 16) {                                                            \
        const lanes p = *(const lanes *)(x + i);                                                  \
        a = JOIN(a, MAP(p));                                                                      \
      }                                                                                           \
      a = JOIN(a, b), c = JOIN(c, d), a = JOIN(a, c);                                             \
      T part = IDENTITY;                                                                          \
      for (; i < end; i++) part = JOIN(part, MAP(x[i]));                                          \
      T lane[16];                                                                                 \
      memcpy(lane, &a, sizeof lane);                                                              \
      for (int w = 8; w > 0; w /= 2)                                                              \
        for (int j = 0; j < w; j++) lane[j] = JOIN(lane[j], lane[j + w]);                         \
      part = JOIN(part, lane[0]);                                                                 \
      total = JOIN(total, (double)part);                                                          \
    }                                                                                             \
    return total;                                                                                 \
  }                                                                                               \
  CK_INLINE void NAME_##_columns(T *restrict acc, const T *restrict x, int64_t n, int64_t stride, \
                                 int64_t width) {                                                 \
    int64_t r = 0;                                                                                \
    for (; r + 8 <= n; r += 8) {                                                                  \
      const T *p = x + r * stride;                                                                \
      CK_LOOP16 for (int64_t c = 0; c < width; c++) {                                             \
        const T x0 = MAP(p[c]), x1 = MAP(p[c + stride]);                                          \
        const T x2 = MAP(p[c + 2 * stride]), x3 = MAP(p[c + 3 * stride]);                         \
        const T x4 = MAP(p[c + 4 * stride]), x5 = MAP(p[c + 5 * stride]);                         \
        const T x6 = MAP(p[c + 6 * stride]), x7 = MAP(p[c + 7 * stride]);                         \
        const T y0 = JOIN(x0, x1), y1 = JOIN(x2, x3), y2 = JOIN(x4, x5), y3 = JOIN(x6, x7);       \
        const T z0 = JOIN(y0, y1), z1 = JOIN(y2, y3), z = JOIN(z0, z1);                           \
        acc[c] = JOIN(acc[c], z);                                                                 \
      }                                                                                           \
    }                                                                                             \
    for (; r < n; r++) {                                                                          \
      const T *p = x + r * stride;                                                                \
      CK_LOOP16 for (int64_t c = 0; c < width; c++) acc[c] = JOIN(acc[c], MAP(p[c]));             \
    }                                                                                             \
  }                                                                                               \
  CK_INLINE void NAME_##_chunk(T *acc, const T *x, int64_t rows, int64_t stride, int64_t width) { \
    const int64_t fold = width == stride ? ck_fold(width) : 1;                                    \
    for (int64_t c = 0; c < fold * width; c++) acc[c] = IDENTITY;                                 \
    NAME_##_columns(acc, x, rows / fold, fold * stride, fold * width);                            \
    NAME_##_columns(acc, x + rows / fold * fold * stride, rows % fold, stride, width);            \
    for (int64_t f = 1; f < fold; f++)                                                            \
      for (int64_t c = 0; c < width; c++) acc[c] = JOIN(acc[c], acc[f * width + c]);              \
  }                                                                                               \
  CK_INLINE double NAME_##_join(const double *partial, int64_t chunks, int64_t stride) {          \
    double total = IDENTITY;                                                                      \
    for (int64_t k = 0; k < chunks; k++) {                                                        \
      const double part = partial[k * stride];                                                    \
      total = JOIN(total, part);                                                                  \
    }                                                                                             \
    return total;                                                                                 \
  }

DEFINE(sum, 0, SAME, PLUS)
DEFINE(squares, 0, SQUARE, PLUS)
DEFINE(product, 1, SAME, TIMES)
DEFINE(maximum, -INFINITY, SAME, GREATER)
DEFINE(minimum, INFINITY, SAME, LESS)

#define DISPATCH(kind, RUN)                \
  switch (kind) {                          \
    case CK_SUM: RUN(sum); break;          \
    case CK_SUM_OF_SQUARES: RUN(squares); break; \
    case CK_PRODUCT: RUN(product); break;  \
    case CK_MAXIMUM: RUN(maximum); break;  \
    case CK_MINIMUM: RUN(minimum); break;  \
  }

// Task: one piece of one row.
CK_HOT static void row_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const shape *s = context;
#define RUN(name)                                                                   \
  for (ptrdiff_t t = begin; t < end; t++) {                                         \
    const int64_t row = t / s->chunks, first = t % s->chunks * s->chunk_rows;       \
    const int64_t n = ck_min64(s->chunk_rows, s->reduce - first);                   \
    const double value = name##_row(s->x + row * s->reduce + first, n);             \
    if (s->partials) s->partials[t] = value;                                        \
    else s->out[row] = (T)(value * s->scale);                                       \
  }
  DISPATCH(s->kind, RUN)
#undef RUN
}

// Task: one short row. 16 of them side by side, a lane for each.
CK_HOT static void short_row_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const shape *s = context;
  const int64_t n = s->reduce;
#define RUN(name)                                                                   \
  for (ptrdiff_t row = begin; row < end; row += 16) {                               \
    const int64_t rows = ck_min64(16, end - row);                                   \
    const T *x = s->x + row * n;                                                    \
    T total[16], value[16];                                                         \
    for (int64_t r = 0; r < 16; r++) total[r] = (T)name##_join(NULL, 0, 0);          \
    for (int64_t j = 0; j < n; j++) {                                               \
      for (int64_t r = 0; r < 16; r++) value[r] = x[ck_min64(r, rows - 1) * n + j]; \
      name##_columns(total, value, 1, 0, 16);                                       \
    }                                                                               \
    for (int64_t r = 0; r < rows; r++) s->out[row + r] = (T)(total[r] * s->scale);  \
  }
  DISPATCH(s->kind, RUN)
#undef RUN
}

// Task: one chunk of rows of one block of columns.
CK_HOT static void column_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const shape *s = context;
  _Alignas(64) T acc[CK_COLUMNS];
  for (ptrdiff_t t = begin; t < end; t++) {
    const int64_t column = t % s->column_blocks * CK_COLUMNS, task = t / s->column_blocks;
    const int64_t outer = task / s->chunks, row = task % s->chunks * s->chunk_rows;
    const int64_t width = ck_min64(CK_COLUMNS, s->inner - column);
    const int64_t rows = ck_min64(s->chunk_rows, s->reduce - row);
    const T *x = s->x + (outer * s->reduce + row) * s->inner + column;
#define RUN(name) name##_chunk(acc, x, rows, s->inner, width)
    DISPATCH(s->kind, RUN)
#undef RUN
    if (s->partials) {
      double *to = s->partials + task * s->inner + column;
      for (int64_t c = 0; c < width; c++) to[c] = acc[c];
    } else {
      T *to = s->out + outer * s->inner + column;
      for (int64_t c = 0; c < width; c++) to[c] = (T)(acc[c] * s->scale);
    }
  }
}

// Task: one output.
CK_HOT static void join_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const shape *s = context;
  for (ptrdiff_t t = begin; t < end; t++) {
    const double *partial = s->partials + t / s->inner * s->chunks * s->inner + t % s->inner;
    double total = 0;
#define RUN(name) total = name##_join(partial, s->chunks, s->inner)
    DISPATCH(s->kind, RUN)
#undef RUN
    s->out[t] = (T)(total * s->scale);
  }
}

void NAME(reduce)(ck_reduction reduction, T *out, const T *x, int64_t outer, int64_t reduce,
                  int64_t inner, double scale, void *scratch) {
  if (outer <= 0 || inner <= 0) return;
  shape s = {x, out, NULL, scale, outer, reduce, inner, 0, 0, 1, reduction};
  s.chunk_rows = inner == 1 ? CK_ROW_PIECE : ck_chunk_rows(inner);
  s.chunks = ck_max64(1, ck_ceil_div(reduce, s.chunk_rows));
  if (s.chunks > 1) s.partials = scratch;
  const int64_t rows = ck_min64(s.chunk_rows, reduce);
  if (inner == 1) {
    ck_parallel(outer * s.chunks, ck_grain(rows), reduce <= 32 ? short_row_tasks : row_tasks, &s);
  } else {
    s.column_blocks = ck_ceil_div(inner, CK_COLUMNS);
    ck_parallel(outer * s.chunks * s.column_blocks, ck_grain(rows * ck_min64(inner, CK_COLUMNS)),
                column_tasks, &s);
  }
  if (s.partials) ck_parallel(outer * inner, ck_grain(s.chunks), join_tasks, &s);
}

typedef struct arg_shape {
  const T *x;
  void *out;
  int64_t reduce, inner;
  int wide;
  T sign;
} arg_shape;

CK_INLINE bool better(T a, T b) { return a > b || (a != a && b == b); }

CK_INLINE void put_index(const arg_shape *s, int64_t at, int64_t index) {
  if (s->wide) ((int64_t *)s->out)[at] = index;
  else ((int32_t *)s->out)[at] = (int32_t)index;
}

// Task: one short row. 16 of them side by side, a lane for each.
CK_HOT static void arg_short_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const arg_shape *s = context;
  for (ptrdiff_t row = begin; row < end; row += 16) {
    const int64_t rows = ck_min64(16, end - row), n = s->reduce;
    const T *x = s->x + row * n;
    T best[16], value[16];
    int32_t index[16] = {0};
    for (int64_t r = 0; r < 16; r++) best[r] = s->sign * x[ck_min64(r, rows - 1) * n];
    for (int32_t j = 1; j < n; j++) {
      for (int64_t r = 0; r < 16; r++) value[r] = s->sign * x[ck_min64(r, rows - 1) * n + j];
      CK_LOOP16 for (int r = 0; r < 16; r++) {
        const bool take = better(value[r], best[r]);
        best[r] = take ? value[r] : best[r];
        index[r] = take ? j : index[r];
      }
    }
    for (int64_t r = 0; r < rows; r++) put_index(s, row + r, index[r]);
  }
}

// Task: one row: its extreme first, then where that is.
CK_HOT static void arg_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const arg_shape *s = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const T *x = s->x + row * s->reduce;
    const T best = (T)(s->sign > 0 ? maximum_row(x, s->reduce) : minimum_row(x, s->reduce));
    int64_t i = 0;
    while (i < s->reduce - 1 && !(x[i] == best || x[i] != x[i])) i++;
    put_index(s, row, i);
  }
}

enum { ARG_COLUMNS = 64 };

// Task: a block of columns of one outer index.
CK_HOT static void arg_columns(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const arg_shape *s = context;
  const int64_t blocks = ck_ceil_div(s->inner, ARG_COLUMNS);
  for (ptrdiff_t t = begin; t < end; t++) {
    const int64_t outer = t / blocks, column = t % blocks * ARG_COLUMNS;
    const int64_t width = ck_min64(ARG_COLUMNS, s->inner - column);
    const T *x = s->x + outer * s->reduce * s->inner + column;
    T best[ARG_COLUMNS];
    int64_t index[ARG_COLUMNS];
    for (int64_t c = 0; c < width; c++) best[c] = s->sign * x[c], index[c] = 0;
    for (int64_t r = 1; r < s->reduce; r++) {
      CK_LOOP16 for (int64_t c = 0; c < width; c++) {
        const T value = s->sign * x[r * s->inner + c];
        const bool take = better(value, best[c]);
        best[c] = take ? value : best[c];
        index[c] = take ? r : index[c];
      }
    }
    for (int64_t c = 0; c < width; c++) put_index(s, outer * s->inner + column + c, index[c]);
  }
}

static void arg_reduce(T sign, void *out, int wide, const T *x, int64_t outer, int64_t reduce,
                       int64_t inner) {
  if (outer <= 0 || inner <= 0 || reduce <= 0) return;
  arg_shape s = {x, out, reduce, inner, wide, sign};
  if (inner == 1) {
    ck_parallel(outer, ck_grain(2 * reduce), reduce <= 32 ? arg_short_rows : arg_rows, &s);
  } else {
    ck_parallel(outer * ck_ceil_div(inner, ARG_COLUMNS),
                ck_grain(reduce * ck_min64(inner, ARG_COLUMNS)), arg_columns, &s);
  }
}

void NAME(argmax)(void *out, int wide, const T *x, int64_t outer, int64_t reduce, int64_t inner) {
  arg_reduce(1, out, wide, x, outer, reduce, inner);
}

void NAME(argmin)(void *out, int wide, const T *x, int64_t outer, int64_t reduce, int64_t inner) {
  arg_reduce(-1, out, wide, x, outer, reduce, inner);
}
