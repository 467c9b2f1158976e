// The parts of the interpreter that do not depend on the type it computes in.
#ifndef CK_SRC_ELEMENTWISE_H
#define CK_SRC_ELEMENTWISE_H

#include "ck_elementwise.h"
#include "internal.h"

// How a program's iteration space is cut into blocks of consecutive points: whole rows of the last
// dimension, as many as fit, or equal parts of one row.
typedef struct ck_blocking {
  int64_t row_length, rows;
  int64_t rows_per_block;   // 1 where rows are cut
  int64_t parts_per_row;    // 1 where they are not
  int64_t part;             // the lanes of a part of a row
  int64_t blocks;
} ck_blocking;

ck_blocking ck_blocking_of(const ck_program *program);

// Run blocks [begin, end) of the program.
void ck_run_blocks_f32(const ck_program *program, const ck_blocking *blocking, int64_t begin,
                       int64_t end);
void ck_run_blocks_f64(const ck_program *program, const ck_blocking *blocking, int64_t begin,
                       int64_t end);

CK_INLINE int ck_sources(ck_op op) {
  return op < CK_ADD ? 1 : op < CK_SELECT ? 2 : op < CK_RANDOM_UNIFORM ? 3 : 0;
}

#endif
