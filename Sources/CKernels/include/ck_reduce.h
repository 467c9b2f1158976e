// Reductions of the middle of [outer, reduce, inner]: rows (inner = 1), columns (outer = 1), or
// both. Partial results cover fixed blocks and are joined in order, in double, so that the error
// grows like that of a tree and no number of threads changes a bit.
#ifndef CK_REDUCE_H
#define CK_REDUCE_H

#include <stddef.h>
#include <stdint.h>

typedef enum ck_reduction : uint8_t {
  CK_SUM,             // of nothing: 0
  CK_SUM_OF_SQUARES,  // of nothing: 0
  CK_PRODUCT,         // of nothing: 1
  CK_MAXIMUM,         // propagates NaN; of nothing: -infinity
  CK_MINIMUM,         // propagates NaN; of nothing: infinity
} ck_reduction;

// The bytes of scratch that the two functions below need for these shapes; may be 0.
size_t ck_reduce_scratch(int64_t outer, int64_t reduce, int64_t inner);

// out[o, i] = scale * reduction over r of x[o, r, i]. The mean is the sum scaled by 1 / reduce.
// `scratch` is aligned to 8 bytes.
void ck_reduce_f32(ck_reduction reduction, float *out, const float *x, int64_t outer,
                   int64_t reduce, int64_t inner, double scale, void *scratch);
void ck_reduce_f64(ck_reduction reduction, double *out, const double *x, int64_t outer,
                   int64_t reduce, int64_t inner, double scale, void *scratch);

// out[o, i] = the first r with the greatest (least) x[o, r, i]; NaN is both. reduce >= 1. `out` is
// int64_t where `wide`, else int32_t.
void ck_argmax_f32(void *out, int wide, const float *x, int64_t outer, int64_t reduce,
                   int64_t inner);
void ck_argmin_f32(void *out, int wide, const float *x, int64_t outer, int64_t reduce,
                   int64_t inner);
void ck_argmax_f64(void *out, int wide, const double *x, int64_t outer, int64_t reduce,
                   int64_t inner);
void ck_argmin_f64(void *out, int wide, const double *x, int64_t outer, int64_t reduce,
                   int64_t inner);

#endif
