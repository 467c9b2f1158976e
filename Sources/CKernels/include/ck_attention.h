// Scaled dot-product attention whose scores never leave the cache of a core: some queries at a time
// see all keys.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// [batch, heads, rows, dim], the distances of the first three axes in elements; dim runs in order.
typedef struct ck_heads {
  float *data;
  int64_t batch, head, row;
} ck_heads;

// y = softmax(scale q transpose(k)) v. Query i sees key j where mask[b, h, i, j] is not 0 (a null
// mask: always) and, if it is causal, where j <= i; what it does not see counts as -0.7 times the
// greatest float.
typedef struct ck_attention {
  int64_t batch, heads, queries, keys, dim, value_dim;
  float scale;
  bool is_causal;
  const uint8_t *mask;
  int64_t mask_strides[4];
  ck_heads q, k, v, y;  // of [queries, dim], [keys, dim], [keys, value_dim], [queries, value_dim]
} ck_attention;

// The bytes of scratch that one thread needs. The functions use as many threads as there are
// `slots` of scratch, aligned to 64 bytes; the results do not depend on their number.
size_t ck_attention_scratch(const ck_attention *c, bool is_backward);

void ck_attention_f32(const ck_attention *c, void *scratch, int64_t slots);

// dq, dk and dv from dy; the scores are computed again. y is not read.
void ck_attention_backward_f32(const ck_attention *c, const ck_heads *dy, const ck_heads *dq,
                               const ck_heads *dk, const ck_heads *dv, void *scratch,
                               int64_t slots);

#endif
