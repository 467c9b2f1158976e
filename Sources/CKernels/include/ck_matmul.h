// Products of matrices by all threads, for sizes that a library takes longer to prepare than to
// multiply: nothing is allocated, and nothing compiled.
#ifndef CK_MATMUL_H
#define CK_MATMUL_H

#include <stdbool.h>
#include <stdint.h>

// y = a b + bias + addend, held between `low` and `high`, for a [m, k], b [k, n] and y [m, n].
typedef struct ck_matmul {
  int64_t m, k, n;
  const float *a;
  int64_t a_row, a_column;  // the distances from row to row and from column to column
  const float *b;
  int64_t b_row, b_column;  // one of them is 1
  bool is_packed;           // b is as ck_pack_f32 leaves it, and has no such distances
  const float *bias;        // [n], or null
  const float *addend;      // [m, n], or null
  float low, high;          // minus and plus infinity hold nothing
  float *y;
  float *scratch;           // ck_matmul_scratch of the call, null where that is 0
} ck_matmul;

// How many floats a product of the call's sizes and distances needs besides.
int64_t ck_matmul_scratch(const ck_matmul *call);

// The multiplications up to which this is as fast as a library, whatever the shape.
#define CK_SMALL_PRODUCT (1 << 22)

// The order of each sum does not depend on the number of threads. For few rows times a b of any size,
// which is asked for in time where it is large, and for many rows times a small one.
void ck_matmul_f32(const ck_matmul *call);

#endif
