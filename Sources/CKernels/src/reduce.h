// How a reduction is cut into tasks; depends on the shape alone.
#ifndef CK_SRC_REDUCE_H
#define CK_SRC_REDUCE_H

#include "ck_reduce.h"
#include "internal.h"

enum { CK_ROW_PIECE = 16384, CK_COLUMNS = 1024 };

// Narrow rows are taken several at once, as one row of `fold` times the columns.
CK_INLINE int64_t ck_fold(int64_t columns) { return columns >= 64 ? 1 : 256 / columns; }

// The rows of one chunk.
CK_INLINE int64_t ck_chunk_rows(int64_t columns) {
  const int64_t fold = ck_fold(columns);
  const int64_t rows = ck_max64(CK_ROW_PIECE / ck_min64(columns, CK_COLUMNS), 128);
  return ck_ceil_div(rows, fold) * fold;
}

#endif
