// The interpreter for one compute type T, included by elementwise_f32.c and elementwise_f64.c.
// They define T, LANES, OWN_DTYPE (T's dtype), RUN_BLOCKS, M(name) (a math function), LOOP,
// TRIG_LIMIT (beyond it, sin, cos and tan take the C library's function) and LIBM(name).

#include "elementwise.h"
#include "philox.h"

typedef struct block {
  int64_t row, column;  // of its first point
  int64_t rows, length; // its rows and the lanes it takes of each
  int64_t lanes, first; // rows * length, and the first point's linear index
} block;

// A source of an instruction: lanes in memory, or one value for all.
typedef struct source {
  const T *lanes;
  T value;
  bool scalar;
} source;

enum { TILES = 4 };

// A block's registers and scratch. `tiles` holds the first few operands that repeat the same row,
// spread over a block once for all blocks.
typedef struct machine {
  _Alignas(64) T registers[CK_REGISTERS][LANES];
  _Alignas(64) T stages[3][LANES];
  _Alignas(64) T out[LANES];
  _Alignas(64) T tiles[TILES][LANES];
  uint16_t tile_owner[TILES];
  int tile_count;
} machine;

// d[i] = the operand's element at `offset` + i `stride`, for i < n.
CK_INLINE void load(T *restrict d, const ck_operand *operand, int64_t offset, int64_t stride,
                    int64_t n) {
#define LOAD(DTYPE, S, CONVERT)                                            \
  case DTYPE: {                                                            \
    const S *p = (const S *)operand->data + offset;                        \
    if (stride == 1) {                                                     \
      LOOP for (int64_t i = 0; i < n; i++) d[i] = (T)CONVERT(p[i]);        \
    } else if (stride == 0) {                                              \
      const T value = (T)CONVERT(p[0]);                                    \
      LOOP for (int64_t i = 0; i < n; i++) d[i] = value;                   \
    } else {                                                               \
      for (int64_t i = 0; i < n; i++) d[i] = (T)CONVERT(p[i * stride]);    \
    }                                                                      \
    return;                                                                \
  }
  switch (operand->dtype) {
    LOAD(CK_F32, float, )
    LOAD(CK_F64, double, )
    LOAD(CK_F16, uint16_t, cm_from_f16)
    LOAD(CK_BF16, uint16_t, cm_from_bf16)
    LOAD(CK_I8, int8_t, )
    LOAD(CK_I16, int16_t, )
    LOAD(CK_I32, int32_t, )
    LOAD(CK_I64, int64_t, )
    LOAD(CK_U8, uint8_t, )
    LOAD(CK_U16, uint16_t, )
    LOAD(CK_U32, uint32_t, )
    LOAD(CK_U64, uint64_t, )
    LOAD(CK_BOOL, uint8_t, 0 !=)
  }
#undef LOAD
}

// The operand's lanes [at, at + n) become s, converted.
CK_INLINE void store(const ck_operand *operand, int64_t at, const T *restrict s, int64_t n) {
#define STORE(DTYPE, S, VALUE)                            \
  case DTYPE: {                                           \
    S *restrict p = (S *)operand->data + at;              \
    LOOP for (int64_t i = 0; i < n; i++) {                \
      const T x = s[i];                                   \
      p[i] = (S)(VALUE);                                  \
    }                                                     \
    return;                                               \
  }
#define SATURATED(LOW, HIGH, ABOVE, S) \
  (x != x ? (S)0 : x >= (T)(ABOVE) ? (S)(HIGH) : x <= (T)(LOW) ? (S)(LOW) : (S)x)
  switch (operand->dtype) {
    STORE(CK_F32, float, x)
    STORE(CK_F64, double, x)
    STORE(CK_F16, uint16_t, cm_to_f16((float)x))
    STORE(CK_BF16, uint16_t, cm_to_bf16((float)x))
    STORE(CK_I8, int8_t, SATURATED(-128, 127, 127, int32_t))
    STORE(CK_I16, int16_t, SATURATED(-32768, 32767, 32767, int32_t))
    STORE(CK_I32, int32_t, SATURATED(INT32_MIN, INT32_MAX, 2147483648.0, int32_t))
    STORE(CK_I64, int64_t, SATURATED(INT64_MIN, INT64_MAX, 9223372036854775808.0, int64_t))
    STORE(CK_U8, uint8_t, SATURATED(0, 255, 255, int32_t))
    STORE(CK_U16, uint16_t, SATURATED(0, 65535, 65535, int32_t))
    STORE(CK_U32, uint32_t, SATURATED(0, UINT32_MAX, 4294967296.0, uint32_t))
    STORE(CK_U64, uint64_t, SATURATED(0, UINT64_MAX, 18446744073709551616.0, uint64_t))
    STORE(CK_BOOL, uint8_t, x != 0)
  }
#undef SATURATED
#undef STORE
}

// Spreads a strided operand over the block's lanes.
CK_INLINE void gather(T *restrict d, const ck_program *program, const ck_operand *operand,
                      const block *b) {
  const int outer = program->rank - 1;
  int64_t index[3] = {0, 0, 0};
  int64_t offset = b->column * operand->strides[outer];
  for (int64_t k = outer - 1, row = b->row; k >= 0; k--) {
    index[k] = row % program->sizes[k];
    row /= program->sizes[k];
    offset += index[k] * operand->strides[k];
  }
  for (int64_t r = 0; r < b->rows; r++) {
    load(d + r * b->length, operand, offset, operand->strides[outer], b->length);
    for (int k = outer - 1; k >= 0; k--) {
      offset += operand->strides[k];
      if (++index[k] < program->sizes[k]) break;
      offset -= index[k] * operand->strides[k];
      index[k] = 0;
    }
  }
}

// True if the operand's rows are all the same row.
CK_INLINE bool repeats_row(const ck_program *program, const ck_operand *operand) {
  for (int k = 0; k < program->rank - 1; k++)
    if (operand->strides[k] != 0 && program->sizes[k] > 1) return false;
  return true;
}

CK_INLINE source resolve_strided(machine *m, const ck_program *program, uint16_t number,
                                 const block *b, T *stage) {
  const ck_operand *operand = &program->operands[number];
  const int64_t inner = operand->strides[program->rank - 1];
  if (b->rows == 1 && (inner == 0 || (inner == 1 && operand->dtype == OWN_DTYPE))) {
    int64_t offset = b->column * inner;
    for (int64_t k = program->rank - 2, row = b->row; k >= 0; k--) {
      offset += row % program->sizes[k] * operand->strides[k];
      row /= program->sizes[k];
    }
    if (inner == 1) return (source){(const T *)operand->data + offset, 0, false};
    load(stage, operand, offset, 0, 1);
    return (source){NULL, stage[0], true};
  }
  if (b->length == program->sizes[program->rank - 1] && b->rows > 1 &&
      repeats_row(program, operand)) {
    for (int t = 0; t < m->tile_count; t++)
      if (m->tile_owner[t] == number) return (source){m->tiles[t], 0, false};
    // Only a full block makes a tile that serves every other block.
    if (m->tile_count < TILES && b->lanes + b->length > LANES) {
      stage = m->tiles[m->tile_count];
      m->tile_owner[m->tile_count++] = number;
    }
  }
  gather(stage, program, operand, b);
  return (source){stage, 0, false};
}

CK_INLINE source resolve(machine *m, const ck_program *program, const ck_instruction *instruction,
                         uint16_t name, const block *b, T *stage) {
  if (name < CK_REGISTERS) return (source){m->registers[name], 0, false};
  if (name == CK_IMMEDIATE) return (source){NULL, (T)instruction->immediate, true};
  if (name == CK_IMMEDIATE_2) return (source){NULL, (T)instruction->immediate_2, true};
  const uint16_t number = name - CK_OPERAND;
  const ck_operand *operand = &program->operands[number];
  if (operand->kind == CK_SCALAR) {
    load(stage, operand, 0, 0, 1);
    return (source){NULL, stage[0], true};
  }
  if (operand->kind == CK_STRIDED) return resolve_strided(m, program, number, b, stage);
  if (operand->dtype == OWN_DTYPE) return (source){(const T *)operand->data + b->first, 0, false};
  load(stage, operand, b->first, 1, b->lanes);
  return (source){stage, 0, false};
}

// Makes lanes of a source that is one value.
CK_INLINE void spread(source *s, T *stage, int64_t n) {
  if (!s->scalar) return;
  const T value = s->value;
  LOOP for (int64_t i = 0; i < n; i++) stage[i] = value;
  *s = (source){stage, 0, false};
}

CK_INLINE T python_mod(T x, T y) {
  const T r = LIBM(fmod)(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r == 0 ? LIBM(copysign)(0, y) : r;
}

CK_INLINE T maximum(T x, T y) { return x > y || x != x ? x : y; }
CK_INLINE T minimum(T x, T y) { return x < y || x != x ? x : y; }

CK_INLINE bool beyond_trig_limit(const T *a, int64_t n) {
  int beyond = 0;
  for (int64_t i = 0; i < n; i++) beyond |= a[i] > (T)TRIG_LIMIT || a[i] < -(T)TRIG_LIMIT;
  return beyond;
}

CK_INLINE void run_unary(ck_op op, T *d, const T *a, int64_t n) {
#define UNARY(OP, VALUE)                   \
  case OP:                                 \
    LOOP for (int64_t i = 0; i < n; i++) { \
      const T x = a[i];                    \
      d[i] = (VALUE);                      \
    }                                      \
    return;
#define TRIG(OP, name)                                           \
  case OP:                                                       \
    if (beyond_trig_limit(a, n)) {                               \
      for (int64_t i = 0; i < n; i++) d[i] = LIBM(name)(a[i]);   \
      return;                                                    \
    }                                                            \
    LOOP for (int64_t i = 0; i < n; i++) d[i] = M(name)(a[i]);   \
    return;
  switch (op) {
    UNARY(CK_COPY, x)
    UNARY(CK_NEG, -x)
    UNARY(CK_ABS, M(abs)(x))
    UNARY(CK_SIGN, x > 0 ? 1 : x < 0 ? -1 : x)
    UNARY(CK_EXP, M(exp)(x))
    UNARY(CK_EXPM1, M(expm1)(x))
    UNARY(CK_LOG, M(log)(x))
    UNARY(CK_LOG1P, M(log1p)(x))
    UNARY(CK_SQRT, M(sqrt)(x))
    UNARY(CK_RSQRT, 1 / M(sqrt)(x))
    UNARY(CK_RECIPROCAL, 1 / x)
    UNARY(CK_SQUARE, x * x)
    TRIG(CK_SIN, sin)
    TRIG(CK_COS, cos)
    TRIG(CK_TAN, tan)
    UNARY(CK_ASIN, M(asin)(x))
    UNARY(CK_ACOS, M(acos)(x))
    UNARY(CK_ATAN, M(atan)(x))
    UNARY(CK_SINH, M(sinh)(x))
    UNARY(CK_COSH, M(cosh)(x))
    UNARY(CK_ASINH, M(asinh)(x))
    UNARY(CK_ACOSH, M(acosh)(x))
    UNARY(CK_ATANH, M(atanh)(x))
    UNARY(CK_TANH, M(tanh)(x))
    UNARY(CK_SIGMOID, M(sigmoid)(x))
    UNARY(CK_SOFTPLUS, M(softplus)(x))
    UNARY(CK_RELU, x < 0 ? 0 : x)
    UNARY(CK_RELU6, x < 0 ? 0 : x > 6 ? 6 : x)
    UNARY(CK_ERF, M(erf)(x))
    UNARY(CK_FLOOR, __builtin_elementwise_floor(x))
    UNARY(CK_CEIL, __builtin_elementwise_ceil(x))
    UNARY(CK_ROUND, __builtin_elementwise_rint(x))
    UNARY(CK_TRUNC, __builtin_elementwise_trunc(x))
    UNARY(CK_IS_NAN, x != x ? 1 : 0)
    UNARY(CK_IS_INF, M(abs)(x) == (T)INFINITY ? 1 : 0)
    UNARY(CK_IS_FINITE, M(abs)(x) < (T)INFINITY ? 1 : 0)
    UNARY(CK_LOGICAL_NOT, x == 0 ? 1 : 0)
    UNARY(CK_ROUND_F16, cm_from_f16(cm_to_f16((float)x)))
    UNARY(CK_ROUND_BF16, cm_from_bf16(cm_to_bf16((float)x)))
    default: return;
  }
#undef TRIG
#undef UNARY
}

CK_INLINE void run_binary(ck_op op, T *d, source a, source b, T *stage, int64_t n) {
  if (a.scalar && b.scalar) spread(&a, stage, n);
#define BINARY(OP, VALUE)                                                 \
  case OP:                                                                \
    if (b.scalar) {                                                       \
      const T y = b.value;                                                \
      LOOP for (int64_t i = 0; i < n; i++) {                              \
        const T x = a.lanes[i];                                           \
        d[i] = (VALUE);                                                   \
      }                                                                   \
    } else if (a.scalar) {                                                \
      const T x = a.value;                                                \
      LOOP for (int64_t i = 0; i < n; i++) {                              \
        const T y = b.lanes[i];                                           \
        d[i] = (VALUE);                                                   \
      }                                                                   \
    } else {                                                              \
      LOOP for (int64_t i = 0; i < n; i++) {                              \
        const T x = a.lanes[i], y = b.lanes[i];                           \
        d[i] = (VALUE);                                                   \
      }                                                                   \
    }                                                                     \
    return;
  switch (op) {
    BINARY(CK_ADD, x + y)
    BINARY(CK_SUB, x - y)
    BINARY(CK_MUL, x * y)
    BINARY(CK_DIV, x / y)
    BINARY(CK_INT_DIVIDE, y == 0 ? 0 : __builtin_elementwise_trunc(x / y))
    BINARY(CK_FLOOR_DIVIDE, __builtin_elementwise_floor(x / y))
    BINARY(CK_MAX, maximum(x, y))
    BINARY(CK_MIN, minimum(x, y))
    BINARY(CK_POW, M(pow)(x, y))
    BINARY(CK_ATAN2, M(atan2)(x, y))
    BINARY(CK_AND, x != 0 && y != 0 ? 1 : 0)
    BINARY(CK_OR, x != 0 || y != 0 ? 1 : 0)
    BINARY(CK_XOR, (x != 0) != (y != 0) ? 1 : 0)
    BINARY(CK_EQ, x == y ? 1 : 0)
    BINARY(CK_NE, x != y ? 1 : 0)
    BINARY(CK_LT, x < y ? 1 : 0)
    BINARY(CK_LE, x <= y ? 1 : 0)
    BINARY(CK_GT, x > y ? 1 : 0)
    BINARY(CK_GE, x >= y ? 1 : 0)
    case CK_MOD:
      for (int64_t i = 0; i < n; i++)
        d[i] = python_mod(a.scalar ? a.value : a.lanes[i], b.scalar ? b.value : b.lanes[i]);
      return;
    default: return;
  }
#undef BINARY
}

CK_INLINE void run_ternary(ck_op op, T *d, source a, source b, source c, T immediate,
                           T (*stages)[LANES], int64_t n) {
  CK_CONTRACT
  if (op == CK_FMA && a.scalar) {
    const source swapped = a;
    a = b;
    b = swapped;
    spread(&a, stages[1], n);
  } else {
    spread(&a, stages[0], n);
  }
#define TERNARY(OP, VALUE)                                                             \
  case OP:                                                                             \
    if (b.scalar && c.scalar) {                                                        \
      const T y = b.value, z = c.value;                                                \
      LOOP for (int64_t i = 0; i < n; i++) { const T x = a.lanes[i]; d[i] = (VALUE); } \
    } else if (b.scalar) {                                                             \
      const T y = b.value;                                                             \
      LOOP for (int64_t i = 0; i < n; i++) {                                           \
        const T x = a.lanes[i], z = c.lanes[i];                                        \
        d[i] = (VALUE);                                                                \
      }                                                                                \
    } else if (c.scalar) {                                                             \
      const T z = c.value;                                                             \
      LOOP for (int64_t i = 0; i < n; i++) {                                           \
        const T x = a.lanes[i], y = b.lanes[i];                                        \
        d[i] = (VALUE);                                                                \
      }                                                                                \
    } else {                                                                           \
      LOOP for (int64_t i = 0; i < n; i++) {                                           \
        const T x = a.lanes[i], y = b.lanes[i], z = c.lanes[i];                        \
        d[i] = (VALUE);                                                                \
      }                                                                                \
    }                                                                                  \
    return;
  switch (op) {
    TERNARY(CK_SELECT, x != 0 ? y : z)
    TERNARY(CK_FMA, x * y + z)
    TERNARY(CK_CLAMP, minimum(maximum(x, y), z))
    TERNARY(CK_LERP, x + (y - x) * z)
    TERNARY(CK_LERP_SQUARE, x + (y * y - x) * z)
    TERNARY(CK_ROOT_STEP, x - y / (M(sqrt)(z) + immediate))
    default: return;
  }
#undef TERNARY
}

CK_INLINE void run_random(ck_op op, T *d, const ck_random_key *key, int64_t first, int64_t n_all) {
  if (op == CK_RANDOM_UNIFORM) {
#define STORE(i, w) d[i] = (T)ck_uniform(words[w])
    CK_PHILOX_RANGE(first, n_all, key, , STORE)
#undef STORE
  } else {
#define STORE(i, w) d[i] = (T)values[w]
    CK_PHILOX_RANGE(first, n_all, key,
                    float values[4 * CK_PHILOX_GROUPS]; ck_normal_groups(values, words, groups);
                    , STORE)
#undef STORE
  }
}

// Where an instruction of CK_ADAM leaves its result.
CK_INLINE T *adam_target(machine *m, const ck_program *program, uint16_t name, const block *b) {
  if (name < CK_REGISTERS) return m->registers[name];
  return (T *)program->operands[name - CK_OPERAND].data + b->first;
}

// Four passes in one: with many weights, memory and arithmetic then work at the same time.
CK_INLINE void run_adam(machine *machine, const ck_program *program, const ck_instruction *i,
                        const block *block) {
  CK_CONTRACT
  const int64_t n = block->lanes;
#define SOURCE(k, name) resolve(machine, program, &i[k], i[k].name, block, machine->stages[0])
  const source a = SOURCE(0, c), b = SOURCE(1, c), step = SOURCE(2, a);
  const T *m = SOURCE(0, a).lanes, *v = SOURCE(1, a).lanes, *w = SOURCE(3, a).lanes;
  const T *g = SOURCE(0, b).lanes;
#undef SOURCE
  T *m_next = adam_target(machine, program, i[0].dst, block);
  T *v_next = adam_target(machine, program, i[1].dst, block);
  T *w_next = adam_target(machine, program, i[3].dst, block);
  const T part1 = a.value, part2 = b.value, size = step.value, epsilon = (T)i[3].immediate;
  LOOP for (int64_t k = 0; k < n; k++) {
    const T x = g[k], mean = m[k] + (x - m[k]) * part1, square = v[k] + (x * x - v[k]) * part2;
    m_next[k] = mean;
    v_next[k] = square;
    w_next[k] = w[k] - size * mean / (M(sqrt)(square) + epsilon);
  }
}

CK_INLINE void run_block(machine *m, const ck_program *program, const block *b) {
  const int64_t n = b->lanes;
  for (int32_t k = 0; k < program->instruction_count; k++) {
    const ck_instruction *instruction = &program->instructions[k];
    const ck_op op = instruction->op;
    if (op == CK_ADAM) {
      run_adam(m, program, instruction, b);
      k += 3;
      continue;
    }
    const ck_operand *output = NULL;
    T *d;
    if (instruction->dst < CK_REGISTERS) {
      d = m->registers[instruction->dst];
    } else {
      output = &program->operands[instruction->dst - CK_OPERAND];
      d = output->dtype == OWN_DTYPE ? (T *)output->data + b->first : m->out;
    }
    const int sources = ck_sources(op);
    source s[3] = {{0}};
    const uint16_t names[3] = {instruction->a, instruction->b, instruction->c};
    for (int i = 0; i < sources; i++)
      s[i] = resolve(m, program, instruction, names[i], b, m->stages[i]);
    if (sources == 1) {
      spread(&s[0], m->stages[0], n);
      run_unary(op, d, s[0].lanes, n);
    } else if (sources == 2) {
      run_binary(op, d, s[0], s[1], m->stages[0], n);
    } else if (sources == 3) {
      run_ternary(op, d, s[0], s[1], s[2], (T)instruction->immediate, m->stages, n);
    } else {
      run_random(op, d, program->operands[instruction->a - CK_OPERAND].data, b->first, n);
    }
    if (output && output->dtype != OWN_DTYPE) store(output, b->first, m->out, n);
  }
}

CK_HOT void RUN_BLOCKS(const ck_program *program, const ck_blocking *blocking, int64_t begin,
                       int64_t end) {
  machine m;
  m.tile_count = 0;
  int64_t group = begin / blocking->parts_per_row, part = begin % blocking->parts_per_row;
  for (int64_t i = begin; i < end; i++) {
    block b;
    b.row = group * blocking->rows_per_block;
    b.rows = ck_min64(blocking->rows_per_block, blocking->rows - b.row);
    b.column = part * blocking->part;
    b.length = ck_min64(blocking->part, blocking->row_length - b.column);
    b.lanes = b.rows * b.length;
    b.first = b.row * blocking->row_length + b.column;
    run_block(&m, program, &b);
    if (++part == blocking->parts_per_row) {
      part = 0;
      group++;
    }
  }
}
