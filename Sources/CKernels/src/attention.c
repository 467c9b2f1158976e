#include "ck_attention.h"

#include <float.h>

#include "ck_tile_product.h"
#include "transpose.h"
#include "vector_math.h"

// At most so many queries at a time, and as many as keep their scores within the second-level cache.
enum { MAX_QUERIES = 96, SCORES = 1 << 16 };

typedef struct call {
  const ck_attention *c;
  const ck_heads *dy, *dq, *dk, *dv;
  float *scratch;
  int64_t slots, blocks;  // of queries that are tasks of their own
} call;

static int64_t padded_keys(const ck_attention *c) { return ck_ceil_div(c->keys, 16) * 16; }

static int64_t block_of_queries(const ck_attention *c) {
  const int64_t fitting = SCORES / ck_max64(padded_keys(c), 1) / 6 * 6;
  return ck_min64(c->queries, ck_max64(6, ck_min64(fitting, MAX_QUERIES)));
}

static int64_t slot_size(const ck_attention *c, bool is_backward) {
  const int64_t columns = c->dim + (is_backward ? c->value_dim : 0);
  return padded_keys(c) * (columns + (is_backward ? 2 : 1) * block_of_queries(c));
}

size_t ck_attention_scratch(const ck_attention *c, bool is_backward) {
  return (size_t)ck_max64(slot_size(c, is_backward), 16) * sizeof(float);
}

static float *at(const ck_heads *x, int64_t batch, int64_t head, int64_t row) {
  return x->data + batch * x->batch + head * x->head + row * x->row;
}

// How many keys the queries before `end` see.
static int64_t seen(const ck_attention *c, int64_t end) {
  // With a mask a query that sees nothing weighs all keys alike, whatever is causal.
  return c->is_causal && !c->mask ? ck_min64(end, c->keys) : c->keys;
}

CK_INLINE float hidden(void) { return -0.7f * FLT_MAX; }

// Scores that a query does not see become `value`.
CK_INLINE void hide(const ck_attention *c, int64_t batch, int64_t head, int64_t query, int64_t keys,
                    float *scores, float value) {
  if (c->mask) {
    const int64_t *s = c->mask_strides;
    const uint8_t *mask = c->mask + batch * s[0] + head * s[1] + query * s[2];
    for (int64_t j = 0; j < keys; j++) scores[j] = mask[j * s[3]] ? scores[j] : value;
  }
  if (c->is_causal)
    for (int64_t j = query + 1; j < keys; j++) scores[j] = value;
}

// The 16 lanes joined by halves.
#define CK_HALVES(JOIN)                                                        \
  typedef float eight __attribute__((ext_vector_type(8)));                     \
  typedef float four __attribute__((ext_vector_type(4)));                      \
  typedef float two __attribute__((ext_vector_type(2)));                       \
  const eight a = JOIN(x->lo, x->hi);                                          \
  const four b = JOIN(a.lo, a.hi);                                             \
  const two c = JOIN(b.lo, b.hi);                                              \
  return JOIN(c.x, c.y);
#define CK_PLUS(x, y) ((x) + (y))
CK_INLINE float sum_of(const lanes *x) { CK_HALVES(CK_PLUS) }
CK_INLINE float maximum_of(const lanes *x) { CK_HALVES(__builtin_elementwise_max) }

// Rows of scores become the weights of `scale` times them. What lies between `keys` and whole
// vectors becomes 0. `count` is constant where this is inlined: rows that do not wait for each other.
CK_INLINE void weigh(const int count, float *rows, int64_t stride, int64_t keys, float scale) {
  CK_CONTRACT
  const int64_t whole = ck_ceil_div(keys, 16) * 16;
  lanes most[4], total[4];
  float shift[4];
  CK_UNROLL for (int r = 0; r < count; r++) {
    for (int64_t j = keys; j < whole; j++) rows[r * stride + j] = -INFINITY;
    most[r] = *(lanes *)(rows + r * stride);
    total[r] = 0;
  }
  for (int64_t j = 16; j < whole; j += 16)
    CK_UNROLL for (int r = 0; r < count; r++) {
      const lanes x = *(lanes *)(rows + r * stride + j);
      most[r] = x > most[r] ? x : most[r];
    }
  CK_UNROLL for (int r = 0; r < count; r++) shift[r] = maximum_of(&most[r]) * scale;
  for (int64_t j = 0; j < whole; j += 16)
    CK_UNROLL for (int r = 0; r < count; r++) {
      float *x = rows + r * stride + j;
      CK_LOOP16 for (int i = 0; i < 16; i++) x[i] = cm_exp_falling(x[i] * scale - shift[r]);
      total[r] += *(lanes *)x;
    }
  CK_UNROLL for (int r = 0; r < count; r++) total[r] = (lanes)(1.0f / sum_of(&total[r]));
  for (int64_t j = 0; j < whole; j += 16)
    CK_UNROLL for (int r = 0; r < count; r++)
      *(lanes *)(rows + r * stride + j) *= total[r];
}

// Asks memory for a row of the pair of batch and head that comes next.
CK_INLINE void fetch(const ck_attention *c, const ck_heads *x, int64_t next, int64_t row,
                     int64_t size) {
  const float *from = at(x, next / c->heads, next % c->heads, row);
  for (int64_t i = 0; i < size; i += 16) __builtin_prefetch(from + i, 0, 2);
}
CK_INLINE void fetch_next(const call *p, int64_t pair, int64_t row) {
  const ck_attention *c = p->c;
  const int64_t next = pair + 1;
  if (next >= c->batch * c->heads) return;
  if (row < c->queries) {
    fetch(c, &c->q, next, row, c->dim);
    if (p->dy) fetch(c, p->dy, next, row, c->value_dim);
  }
  if (row < c->keys) {
    fetch(c, &c->k, next, row, c->dim);
    fetch(c, &c->v, next, row, c->value_dim);
  }
}

// The weights of `count` queries from `first` on.
CK_INLINE void weights(const call *p, int64_t pair, int64_t first, int64_t count, int64_t keys,
                       const float *keys_transposed, float *scores) {
  const ck_attention *c = p->c;
  const int64_t batch = pair / c->heads, head = pair % c->heads;
  const int64_t stride = padded_keys(c);
  int64_t offsets[MAX_QUERIES];
  for (int64_t i = 0; i < count; i++) offsets[i] = i * c->q.row;
  ck_tile_product_f32(c->dim, count, keys, at(&c->q, batch, head, first), offsets, 1,
                      keys_transposed, stride, scores, stride, false);
  // What a query does not see is set among scaled scores.
  const bool hides = c->mask || c->is_causal || c->scale < 0;
  for (int64_t i = 0; i < count; i++) {
    fetch_next(p, pair, first + i);
    if (!hides) continue;
    float *row = scores + i * stride;
    CK_LOOP16 for (int64_t j = 0; j < keys; j++) row[j] *= c->scale;
    hide(c, batch, head, first + i, keys, row, hidden());
  }
  const float scale = hides ? 1 : c->scale;
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) weigh(4, scores + i * stride, stride, keys, scale);
  for (; i < count; i++) weigh(1, scores + i * stride, stride, keys, scale);
}

CK_HOT static void forward(const call *p, float *scratch, int64_t task) {
  const ck_attention *c = p->c;
  const int64_t pair = task / p->blocks, part = task % p->blocks, stride = padded_keys(c);
  const int64_t batch = pair / c->heads, head = pair % c->heads, block = block_of_queries(c);
  const int64_t blocks = ck_ceil_div(c->queries, block);
  float *transposed = scratch, *scores = scratch + stride * c->dim;
  ck_transpose(transposed, stride, at(&c->k, batch, head, 0), c->k.row, c->keys, c->dim);
  int64_t offsets[MAX_QUERIES];
  for (int64_t i = 0; i < block; i++) offsets[i] = i * stride;
  for (int64_t b = blocks * part / p->blocks; b < blocks * (part + 1) / p->blocks; b++) {
    const int64_t first = b * block, count = ck_min64(block, c->queries - first);
    const int64_t keys = seen(c, first + count);
    weights(p, pair, first, count, keys, transposed, scores);
    ck_tile_product_f32(keys, count, c->value_dim, scores, offsets, 1, at(&c->v, batch, head, 0),
                        c->v.row, at(&c->y, batch, head, first), c->y.row, false);
  }
}

CK_HOT static void backward(const call *p, float *scratch, int64_t pair) {
  CK_CONTRACT
  const ck_attention *c = p->c;
  const int64_t batch = pair / c->heads, head = pair % c->heads, stride = padded_keys(c);
  const int64_t block = block_of_queries(c);
  float *keys_transposed = scratch, *values_transposed = keys_transposed + stride * c->dim;
  float *w = values_transposed + stride * c->value_dim, *d = w + stride * block;
  const float *k = at(&c->k, batch, head, 0);
  float *dk = at(p->dk, batch, head, 0), *dv = at(p->dv, batch, head, 0);
  ck_transpose(keys_transposed, stride, k, c->k.row, c->keys, c->dim);
  ck_transpose(values_transposed, stride, at(&c->v, batch, head, 0), c->v.row, c->keys,
               c->value_dim);
  for (int64_t first = 0; first < c->queries; first += block) {
    const int64_t count = ck_min64(block, c->queries - first), keys = seen(c, first + count);
    const int64_t whole = ck_ceil_div(keys, 16) * 16;
    const float *q = at(&c->q, batch, head, first), *dy = at(p->dy, batch, head, first);
    int64_t offsets[MAX_QUERIES], dy_offsets[MAX_QUERIES];
    for (int64_t i = 0; i < count; i++) offsets[i] = i * stride, dy_offsets[i] = i * p->dy->row;
    weights(p, pair, first, count, keys, keys_transposed, w);
    ck_tile_product_f32(c->value_dim, count, keys, dy, dy_offsets, 1, values_transposed, stride, d,
                        stride, false);
    for (int64_t i = 0; i < count; i++) {
      float *weight = w + i * stride, *slope = d + i * stride;
      for (int64_t j = keys; j < whole; j++) slope[j] = 0;
      lanes products = 0;
      for (int64_t j = 0; j < whole; j += 16)
        products += *(lanes *)(weight + j) * *(lanes *)(slope + j);
      const lanes mean = sum_of(&products);
      for (int64_t j = 0; j < whole; j += 16)
        *(lanes *)(slope + j) =
            *(lanes *)(weight + j) * (*(lanes *)(slope + j) - mean) * c->scale;
      hide(c, batch, head, first + i, keys, slope, 0);
    }
    ck_tile_product_f32(keys, count, c->dim, d, offsets, 1, k, c->k.row,
                        at(p->dq, batch, head, first), p->dq->row, false);
    // The first queries see fewer keys than there are: the others' gradients begin with 0.
    for (int64_t j = keys; j < c->keys && first == 0; j++) {
      memset(dk + j * p->dk->row, 0, (size_t)c->dim * sizeof(float));
      memset(dv + j * p->dv->row, 0, (size_t)c->value_dim * sizeof(float));
    }
    ck_tile_product_f32(count, keys, c->dim, d, NULL, stride, q, c->q.row, dk, p->dk->row,
                        first > 0);
    ck_tile_product_f32(count, keys, c->value_dim, w, NULL, stride, dy, p->dy->row, dv, p->dv->row,
                        first > 0);
  }
}

static void run_slots(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const call *p = context;
  const ck_attention *c = p->c;
  const int64_t tasks = c->batch * c->heads * p->blocks, size = slot_size(c, p->dy != NULL);
  for (ptrdiff_t slot = begin; slot < end; slot++)
    for (int64_t task = tasks * slot / p->slots; task < tasks * (slot + 1) / p->slots; task++)
      (p->dy ? backward : forward)(p, p->scratch + slot * size, task);
}

static void run(call p) {
  const ck_attention *c = p.c;
  const int64_t pairs = c->batch * c->heads;
  if (pairs * c->queries * c->keys == 0) return;
  const int64_t blocks = ck_ceil_div(c->queries, block_of_queries(c));
  // With few heads, the queries of one are shared between threads.
  p.blocks = p.dy ? 1 : ck_min64(ck_ceil_div(p.slots, pairs), blocks);
  const int64_t work = pairs * c->queries * c->keys * (c->dim + c->value_dim) / 8;
  ck_parallel(p.slots, ck_grain(work / p.slots), run_slots, &p);
}

void ck_attention_f32(const ck_attention *c, void *scratch, int64_t slots) {
  run((call){.c = c, .scratch = scratch, .slots = slots});
}

void ck_attention_backward_f32(const ck_attention *c, const ck_heads *dy, const ck_heads *dq,
                               const ck_heads *dk, const ck_heads *dv, void *scratch,
                               int64_t slots) {
  run((call){c, dy, dq, dk, dv, scratch, slots, 1});
}
