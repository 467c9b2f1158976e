#include "reduce.h"

size_t ck_reduce_scratch(int64_t outer, int64_t reduce, int64_t inner) {
  if (outer <= 0 || inner <= 0) return 0;
  const int64_t chunks = ck_ceil_div(reduce, inner == 1 ? CK_ROW_PIECE : ck_chunk_rows(inner));
  return chunks <= 1 ? 0 : (size_t)(outer * chunks * inner) * sizeof(double);
}
