// A matrix transposed, 16 by 16 elements in registers.
#ifndef CK_TRANSPOSE_H
#define CK_TRANSPOSE_H

#include "tiles.h"

// The vectors i and i + d of each pair swap every second run of d elements.
#define CK_SWAP(i, d, LOW, HIGH)                                    \
  {                                                                 \
    const lanes x = v[i], y = v[(i) + (d)];                         \
    v[i] = __builtin_shufflevector(x, y, LOW);                      \
    v[(i) + (d)] = __builtin_shufflevector(x, y, HIGH);             \
  }
#define CK_LOW8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define CK_HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define CK_LOW4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define CK_HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define CK_LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define CK_HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define CK_LOW1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define CK_HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

// to[j * to_stride + i] = from[i * from_stride + j] for i < rows and j < columns.
CK_INLINE void ck_transpose(float *to, int64_t to_stride, const float *from, int64_t from_stride,
                            int64_t rows, int64_t columns) {
  const int64_t whole_rows = rows / 16 * 16, whole_columns = columns / 16 * 16;
  for (int64_t i = 0; i < whole_rows; i += 16) {
    for (int64_t j = 0; j < whole_columns; j += 16) {
      lanes v[16];
      CK_UNROLL for (int r = 0; r < 16; r++)
        v[r] = *(const lanes *)(from + (i + r) * from_stride + j);
      CK_UNROLL for (int r = 0; r < 8; r++) CK_SWAP(r, 8, CK_LOW8, CK_HIGH8)
      CK_UNROLL for (int r = 0; r < 8; r++) CK_SWAP(r / 4 * 8 + r % 4, 4, CK_LOW4, CK_HIGH4)
      CK_UNROLL for (int r = 0; r < 8; r++) CK_SWAP(r / 2 * 4 + r % 2, 2, CK_LOW2, CK_HIGH2)
      CK_UNROLL for (int r = 0; r < 8; r++) CK_SWAP(r * 2, 1, CK_LOW1, CK_HIGH1)
      CK_UNROLL for (int r = 0; r < 16; r++) *(lanes *)(to + (j + r) * to_stride + i) = v[r];
    }
  }
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; j++)
      to[j * to_stride + i] = from[i * from_stride + j];
}

#endif
