// Rows by index, and sums along an axis. Indices are int64_t where `wide`, else int32_t.
#ifndef CK_GATHER_H
#define CK_GATHER_H

#include <stddef.h>
#include <stdint.h>

// What a row index outside the table gives; negative indices are outside.
typedef enum ck_missing : uint8_t {
  CK_MISSING_CLAMP,  // the nearest row; the table must have one
  CK_MISSING_ZERO,
  CK_MISSING_NAN,  // all bits set, which is NaN in every floating-point format
} ck_missing;

// dst[i] = table[indices[i]], rows of `row_bytes` bytes, for i < count; the table has `rows`.
void ck_gather_rows(void *dst, const void *table, int64_t rows, size_t row_bytes,
                    const void *indices, int wide, int64_t count, ck_missing missing);

// table[indices[i]] += updates[i] in the order of i, for i < count; the table is [rows, n].
// Indices outside the table are passed over.
void ck_scatter_add_rows_f32(float *table, int64_t rows, int64_t n, const void *indices, int wide,
                             const float *updates, int64_t count);

// out[i, j] = j == indices[i], out being [count, depth].
void ck_one_hot_f32(float *out, const void *indices, int wide, int64_t count, int64_t depth);

// y[o, k, i] = sum over l <= k of x[o, l, i], or l < k where `exclusive`; from the end where
// `reverse`. Added up in double, one after the other. y may be x.
void ck_cumulative_sum_f32(float *y, const float *x, int64_t outer, int64_t n, int64_t inner,
                           int reverse, int exclusive);
void ck_cumulative_sum_f64(double *y, const double *x, int64_t outer, int64_t n, int64_t inner,
                           int reverse, int exclusive);

#endif
