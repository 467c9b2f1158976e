#include "ck_copy.h"

#include "internal.h"

enum { TILE = 32 };

typedef struct copy {
  char *dst;
  const char *src;
  int rank, bytes;
  int across;  // the dimension along which the source is contiguous, for a transpose
  int64_t sizes[CK_MAXIMUM_RANK], dst_strides[CK_MAXIMUM_RANK], src_strides[CK_MAXIMUM_RANK];
  int64_t part, parts;  // how the innermost dimension is cut
} copy;

// A position in all dimensions but the innermost, in row-major order, and its offsets.
typedef struct place {
  int64_t index[CK_MAXIMUM_RANK], dst, src;
} place;

static place place_of(const copy *c, int64_t row) {
  place p = {{0}, 0, 0};
  for (int k = c->rank - 2; k >= 0; k--) {
    p.index[k] = row % c->sizes[k];
    row /= c->sizes[k];
    p.dst += p.index[k] * c->dst_strides[k];
    p.src += p.index[k] * c->src_strides[k];
  }
  return p;
}

static void advance(const copy *c, place *p) {
  for (int k = c->rank - 2; k >= 0; k--) {
    p->dst += c->dst_strides[k];
    p->src += c->src_strides[k];
    if (++p->index[k] < c->sizes[k]) return;
    p->dst -= c->sizes[k] * c->dst_strides[k];
    p->src -= c->sizes[k] * c->src_strides[k];
    p->index[k] = 0;
  }
}

#define FOR_EACH_SIZE(bytes, RUN) \
  switch (bytes) {                \
    case 1: RUN(uint8_t) break;   \
    case 2: RUN(uint16_t) break;  \
    case 4: RUN(uint32_t) break;  \
    case 8: RUN(uint64_t) break;  \
  }

CK_INLINE void copy_row(const copy *c, int64_t dst_at, int64_t src_at, int64_t n) {
  const int64_t ds = c->dst_strides[c->rank - 1], ss = c->src_strides[c->rank - 1];
  if (ds == 1 && ss == 1) {
    memcpy(c->dst + dst_at * c->bytes, c->src + src_at * c->bytes, (size_t)(n * c->bytes));
    return;
  }
#define RUN(S)                                                        \
  {                                                                   \
    S *restrict d = (S *)c->dst + dst_at;                             \
    const S *restrict s = (const S *)c->src + src_at;                 \
    if (ds == 1 && ss == 0) {                                         \
      const S value = *s;                                             \
      CK_LOOP16 for (int64_t i = 0; i < n; i++) d[i] = value;         \
    } else {                                                          \
      for (int64_t i = 0; i < n; i++) d[i * ds] = s[i * ss];          \
    }                                                                 \
  }
  FOR_EACH_SIZE(c->bytes, RUN)
#undef RUN
}

// Task: one part of one row.
CK_HOT static void copy_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const copy *c = context;
  const int64_t n = c->sizes[c->rank - 1];
  const int64_t ds = c->dst_strides[c->rank - 1], ss = c->src_strides[c->rank - 1];
  place p = place_of(c, begin / c->parts);
  int64_t part = begin % c->parts;
  for (ptrdiff_t t = begin; t < end; t++) {
    const int64_t first = part * c->part;
    copy_row(c, p.dst + first * ds, p.src + first * ss, ck_min64(c->part, n - first));
    if (++part == c->parts) {
      part = 0;
      advance(c, &p);
    }
  }
}

// Task: a band of TILE indices of `across`, for one index of the other outer dimensions. A tile
// takes whole lines of the source and gives whole lines, wherever strides put them in the cache.
CK_HOT static void copy_bands(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const copy *c = context;
  const int inner = c->rank - 1, across = c->across;
  const int64_t n = c->sizes[inner], m = c->sizes[across];
  const int64_t bands = ck_ceil_div(m, TILE);
  for (ptrdiff_t t = begin; t < end; t++) {
    const int64_t a0 = t % bands * TILE, a1 = ck_min64(m, a0 + TILE);
    int64_t rest = t / bands, dst_at = a0 * c->dst_strides[across], src_at = a0;
    for (int k = inner - 1; k >= 0; k--) {
      if (k == across) continue;
      dst_at += rest % c->sizes[k] * c->dst_strides[k];
      src_at += rest % c->sizes[k] * c->src_strides[k];
      rest /= c->sizes[k];
    }
    const int64_t ds = c->dst_strides[across], ss = c->src_strides[inner];
#define RUN(S)                                                                \
  for (int64_t b0 = 0; b0 < n; b0 += TILE) {                                  \
    S tile[TILE][TILE];                                                       \
    const int64_t height = a1 - a0, width = ck_min64(TILE, n - b0);           \
    for (int64_t b = 0; b < width; b++)                                       \
      memcpy(tile[b], (const S *)c->src + src_at + (b0 + b) * ss,             \
             (size_t)height * sizeof(S));                                     \
    for (int64_t a = 0; a < height; a++) {                                    \
      S *restrict d = (S *)c->dst + dst_at + a * ds + b0;                     \
      for (int64_t b = 0; b < width; b++) d[b] = tile[b][a];                  \
    }                                                                         \
  }
    FOR_EACH_SIZE(c->bytes, RUN)
#undef RUN
  }
}

// Drops dimensions of size 1 and joins neighbors that both sides walk as one. False if empty.
static bool simplify(copy *c, const int64_t *dst_strides, const int64_t *src_strides,
                     const int64_t *sizes, int rank) {
  for (int k = 0; k < rank; k++) {
    if (sizes[k] <= 0) return false;
    if (sizes[k] == 1) continue;
    const int last = c->rank - 1;
    if (c->rank > 0 && c->dst_strides[last] == dst_strides[k] * sizes[k] &&
        c->src_strides[last] == src_strides[k] * sizes[k]) {
      c->sizes[last] *= sizes[k];
    } else {
      c->sizes[c->rank++] = sizes[k];
    }
    c->dst_strides[c->rank - 1] = dst_strides[k];
    c->src_strides[c->rank - 1] = src_strides[k];
  }
  if (c->rank == 0) {
    c->rank = 1;
    c->sizes[0] = c->dst_strides[0] = c->src_strides[0] = 1;
  }
  return true;
}

// Makes the innermost dimension a longer one where it has but a few elements, as where each is
// repeated twice: rows of two cost more to find than to copy.
static void lengthen_rows(copy *c) {
  enum { SHORT = 8 };
  const int inner = c->rank - 1;
  int longest = inner;
  if (c->sizes[inner] >= SHORT) return;
  for (int k = inner - 1; k >= 0 && c->sizes[longest] < SHORT; k--)
    if (c->sizes[k] > c->sizes[longest]) longest = k;
  int64_t *const lists[] = {c->sizes, c->dst_strides, c->src_strides};
  for (int i = 0; i < 3; i++) {
    const int64_t held = lists[i][inner];
    lists[i][inner] = lists[i][longest];
    lists[i][longest] = held;
  }
}

void ck_copy(void *dst, const int64_t *dst_strides, const void *src, const int64_t *src_strides,
             const int64_t *sizes, int rank, int element_size) {
  copy c = {.dst = dst, .src = src, .bytes = element_size, .across = -1};
  if (!simplify(&c, dst_strides, src_strides, sizes, rank)) return;
  const int inner = c.rank - 1;
  int64_t count = c.sizes[inner];
  for (int k = 0; k < inner; k++) {
    count *= c.sizes[k];
    if (c.src_strides[k] == 1 && c.sizes[k] >= 4) c.across = k;
  }
  const bool transposes = c.dst_strides[inner] == 1 && c.src_strides[inner] != 1 &&
                          c.src_strides[inner] != 0 && c.sizes[inner] >= 4;
  if (c.across >= 0 && transposes) {
    const int64_t m = c.sizes[c.across];
    ck_parallel(count / c.sizes[inner] / m * ck_ceil_div(m, TILE), ck_grain(2 * TILE * c.sizes[inner]), copy_bands,
                &c);
    return;
  }
  lengthen_rows(&c);
  c.part = ck_min64(c.sizes[inner], CK_GRAIN);
  c.parts = ck_ceil_div(c.sizes[inner], c.part);
  ck_parallel(count / c.sizes[inner] * c.parts, ck_grain(c.part), copy_rows, &c);
}

void ck_fill(void *dst, int64_t count, const void *value, int element_size) {
  const int64_t one = 1, zero = 0;
  ck_copy(dst, &one, value, &zero, &count, 1, element_size);
}
