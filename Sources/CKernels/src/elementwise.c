#include "elementwise.h"

#include "adam_product.h"
#include "ck_step_product.h"
#include "ck_tile_product.h"

ck_blocking ck_blocking_of(const ck_program *program) {
  const int64_t lanes = program->compute == CK_F64 ? CK_LANES_F64 : CK_LANES_F32;
  bool flat = true;
  for (int32_t i = 0; i < program->operand_count; i++)
    if (program->operands[i].kind == CK_STRIDED) flat = false;
  if (program->product_count > 0) flat = false;
  int64_t count = 1;
  for (int32_t d = 0; d < program->rank; d++) count *= program->sizes[d];
  ck_blocking b = {.row_length = count, .rows = 1, .rows_per_block = 1, .parts_per_row = 1};
  if (count == 0) return b;
  if (!flat && program->rank > 0) {
    b.row_length = program->sizes[program->rank - 1];
    b.rows = count / b.row_length;
  }
  if (b.row_length > lanes / 2) {
    // A whole line of cache for each part keeps the blocks aligned alike.
    b.parts_per_row = ck_ceil_div(b.row_length, lanes);
    const int64_t even = (ck_ceil_div(b.row_length, b.parts_per_row) + 15) & ~15;
    b.part = flat ? lanes : ck_min64(lanes, even);
    b.parts_per_row = ck_ceil_div(b.row_length, b.part);
  } else {
    b.rows_per_block = lanes / b.row_length;
    b.part = b.row_length;
  }
  b.blocks = ck_ceil_div(b.rows, b.rows_per_block) * b.parts_per_row;
  return b;
}

// What one block costs, in simple operations on one element.
static int64_t cost_of_block(const ck_program *program, const ck_blocking *blocking) {
  int64_t cost = 0;
  for (int32_t i = 0; i < program->instruction_count; i++) {
    const ck_op op = program->instructions[i].op;
    const bool heavy = (op >= CK_EXP && op <= CK_ERF && op != CK_SQUARE && op != CK_RELU && op != CK_RELU6) ||
                       op == CK_POW || op == CK_MOD || op == CK_ROOT_STEP || op == CK_ATAN2 || op >= CK_RANDOM_UNIFORM;
    cost += heavy ? 8 : 1;
  }
  for (int32_t i = 0; i < program->product_count; i++) cost += program->products[i].rows;
  return cost * blocking->part * blocking->rows_per_block / 2 + 1;
}

struct sweep {
  const ck_program *const *programs;
  ptrdiff_t count;
  int64_t shares;
  int64_t small;  // what those programs cost that are not worth a second thread
};

// PRODUCED: what products give at a time, some rows for all columns.
enum { MOST_PRODUCTS = 2, MOST_OPERANDS = 32, PRODUCED = 6 * CK_PRODUCT_COLUMNS };

// Runs blocks [begin, end) of a program with products: some rows of them, then the blocks there.
static void run_with_products(const ck_program *program, const ck_blocking *blocking,
                              int64_t begin, int64_t end) {
  const int64_t step = blocking->rows_per_block, parts = blocking->parts_per_row;
  // Of a row that is cut, the thread takes all that has its beginning.
  const int64_t first = ck_ceil_div(begin, parts) * step, past = ck_ceil_div(end, parts) * step;
  if (ck_adam_with_product(program, first, ck_min64(past, blocking->rows))) return;
  _Alignas(64) float produced[PRODUCED];
  ck_operand operands[MOST_OPERANDS];
  memcpy(operands, program->operands, (size_t)program->operand_count * sizeof(ck_operand));
  ck_program own = *program;
  own.operands = operands;
  const int64_t n = blocking->row_length, panels = ck_ceil_div(n, CK_PANEL);
  const int64_t fitting = ck_min64(PRODUCED / MOST_PRODUCTS / n, 48);
  const int64_t most = ck_max64((fitting > 6 ? fitting / 6 * 6 : fitting) / step, 1) * step;
  for (int64_t block = begin; block < end;) {
    const int64_t row = block / parts * step, last = ck_min64(row + most, blocking->rows);
    const int64_t next = ck_min64(end, ck_ceil_div(last, step) * parts);
    for (int32_t i = 0; i < program->product_count; i++) {
      const ck_product *p = &program->products[i];
      float *to = produced + i * (PRODUCED / MOST_PRODUCTS);
      for (int64_t panel = 0; panel < panels; panel++) {
        const int64_t column = panel * CK_PANEL;
        ck_panel_product_f32(p->rows, last - row, ck_min64(CK_PANEL, n - column), p->a + row, p->k,
                             p->b + column * p->rows, to + column, n);
      }
      // Where its first element would be.
      operands[p->operand].data = (void *)((uintptr_t)to - (uintptr_t)(row * n) * sizeof(float));
    }
    ck_run_blocks_f32(&own, blocking, block, next);
    block = next;
  }
}

static void run_range(const ck_program *program, const ck_blocking *blocking, int64_t begin,
                      int64_t end) {
  if (program->product_count > 0) {
    run_with_products(program, blocking, begin, end);
  } else if (program->compute == CK_F64) {
    ck_run_blocks_f64(program, blocking, begin, end);
  } else {
    ck_run_blocks_f32(program, blocking, begin, end);
  }
}

static int64_t cost_of(const ck_program *program, const ck_blocking *blocking) {
  return blocking->blocks * cost_of_block(program, blocking);
}

// Task: the shares [begin, end) of all programs. A thread has the same share of a large one in every
// step, and may find in its cache what it has written in the last one. Small ones are kept together:
// what else uses their results is as small, and done by the calling thread.
static void sweep_shares(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const struct sweep *sweep = context;
  int64_t passed = 0;  // the cost of small ones
  for (ptrdiff_t i = 0; i < sweep->count; i++) {
    const ck_blocking blocking = ck_blocking_of(sweep->programs[i]);
    const int64_t cost = cost_of(sweep->programs[i], &blocking);
    int64_t from = blocking.blocks * begin / sweep->shares;
    int64_t to = blocking.blocks * end / sweep->shares;
    if (cost < CK_GRAIN) {
      const int64_t owner = passed / ck_max64(CK_GRAIN, ck_ceil_div(sweep->small, sweep->shares));
      from = 0;
      to = begin <= owner && owner < end ? blocking.blocks : 0;
      passed += cost;
    }
    if (from < to) run_range(sweep->programs[i], &blocking, from, to);
  }
}

void ck_elementwise(const ck_program *program) { ck_elementwise_many(&program, 1); }

void ck_elementwise_many(const ck_program *const *programs, ptrdiff_t count) {
  struct sweep sweep = {programs, count};
  int64_t total = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    const ck_blocking blocking = ck_blocking_of(programs[i]);
    const int64_t cost = cost_of(programs[i], &blocking);
    total += cost;
    if (cost < CK_GRAIN) sweep.small += cost;
  }
  sweep.shares = ck_min64(ck_thread_count(), ck_ceil_div(total, CK_GRAIN));
  ck_parallel(sweep.shares, 1, sweep_shares, &sweep);
}

static bool source_is_valid(const ck_program *program, uint16_t source) {
  return source < CK_REGISTERS || source >= CK_IMMEDIATE ||
         (source >= CK_OPERAND && source < CK_OPERAND + program->operand_count);
}

static bool op_is_valid(ck_op op) {
  return op <= CK_ROUND_BF16 || (op >= CK_ADD && op <= CK_GE) ||
         (op >= CK_SELECT && op <= CK_ADAM) || op == CK_RANDOM_UNIFORM || op == CK_RANDOM_NORMAL;
}

static bool adam_is_valid(const ck_program *program, int32_t first) {
  if (program->instruction_count - first < 4) return false;
  const ck_instruction *next = &program->instructions[first + 1];
  return next[0].op == CK_LERP_SQUARE && next[1].op == CK_MUL && next[2].op == CK_ROOT_STEP;
}

int ck_program_is_valid(const ck_program *program) {
  if (program->rank < 0 || program->rank > 4) return 0;
  if (program->compute != CK_F32 && program->compute != CK_F64) return 0;
  if (program->operand_count < 0 || program->operand_count > CK_IMMEDIATE - CK_OPERAND) return 0;
  for (int32_t d = 0; d < program->rank; d++)
    if (program->sizes[d] < 0) return 0;
  for (int32_t i = 0; i < program->operand_count; i++) {
    const ck_operand *operand = &program->operands[i];
    if (operand->dtype > CK_BOOL || operand->kind > CK_STRIDED) return 0;
  }
  if (program->product_count < 0 || program->product_count > MOST_PRODUCTS) return 0;
  for (int32_t i = 0; i < program->product_count; i++) {
    const ck_product *p = &program->products[i];
    if (program->compute != CK_F32 || program->operand_count > MOST_OPERANDS) return 0;
    if (p->operand < 0 || p->operand >= program->operand_count ||
        program->operands[p->operand].kind != CK_FULL)
      return 0;
    if (program->rank < 1 || program->sizes[program->rank - 1] != p->n ||
        p->n > CK_PRODUCT_COLUMNS)
      return 0;
  }
  for (int32_t i = 0; i < program->instruction_count; i++) {
    const ck_instruction *instruction = &program->instructions[i];
    if (!op_is_valid(instruction->op)) return 0;
    if (instruction->op == CK_ADAM && !adam_is_valid(program, i)) return 0;
    const int sources = ck_sources(instruction->op);
    const uint16_t named[3] = {instruction->a, instruction->b, instruction->c};
    for (int s = 0; s < sources; s++)
      if (!source_is_valid(program, named[s])) return 0;
    if (sources == 0 && (instruction->a < CK_OPERAND || instruction->a >= CK_IMMEDIATE ||
                         !source_is_valid(program, instruction->a)))
      return 0;
    const uint16_t dst = instruction->dst;
    if (dst >= CK_IMMEDIATE || !source_is_valid(program, dst)) return 0;
    if (dst >= CK_OPERAND && program->operands[dst - CK_OPERAND].kind != CK_FULL) return 0;
  }
  return 1;
}
