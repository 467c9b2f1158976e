// A blocked interpreter for chains of pointwise operations.
//
// A program computes its outputs, all of one shape, block by block: each instruction is one
// vectorized loop over a block, and what lies between instructions stays in registers of
// CK_LANES_F32 (or CK_LANES_F64) lanes in the first-level cache. It computes in float or in double;
// loads and stores convert.
//
// Worst errors of the float functions, units in the last place: the arithmetic, sqrt, rounding and
// conversions are correctly rounded; exp, log, log1p, expm1, rsqrt, sin, cos, acos, atan, erf, pow 2; the
// others 4. In double the C library's functions are called.
#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

typedef enum ck_dtype : uint8_t {
  CK_F32, CK_F64, CK_F16, CK_BF16,
  CK_I8, CK_I16, CK_I32, CK_I64,
  CK_U8, CK_U16, CK_U32, CK_U64,
  CK_BOOL,  // one byte; loads as x != 0, stores x != 0 (NaN is true)
} ck_dtype;

// How an operand covers the iteration space.
typedef enum ck_kind : uint8_t {
  CK_FULL,     // contiguous, one element for each point, in row-major order
  CK_SCALAR,   // one element for all points
  CK_STRIDED,  // by `strides`, in elements; 0 repeats. Inputs only.
} ck_kind;

typedef struct ck_operand {
  void *data;
  int64_t strides[4];  // for each of the program's sizes; read for CK_STRIDED only
  ck_dtype dtype;
  ck_kind kind;
} ck_operand;

typedef enum ck_op : uint16_t {
  // One source.
  CK_COPY, CK_NEG, CK_ABS, CK_SIGN, CK_EXP, CK_EXPM1, CK_LOG, CK_LOG1P, CK_SQRT, CK_RSQRT,
  CK_RECIPROCAL, CK_SQUARE, CK_SIN, CK_COS, CK_TAN, CK_ASIN, CK_ACOS, CK_ATAN, CK_SINH, CK_COSH,
  CK_ASINH, CK_ACOSH, CK_ATANH, CK_TANH, CK_SIGMOID, CK_SOFTPLUS, CK_RELU, CK_RELU6, CK_ERF, CK_FLOOR,
  CK_CEIL, CK_ROUND, CK_TRUNC, CK_IS_NAN, CK_IS_INF, CK_IS_FINITE, CK_LOGICAL_NOT,
  CK_ROUND_F16, CK_ROUND_BF16,  // to the nearest value of that format

  // Two sources. Comparisons and logic give 1 or 0; max and min propagate NaN.
  CK_ADD = 64, CK_SUB, CK_MUL, CK_DIV,
  CK_INT_DIVIDE,    // trunc(a / b); 0 where b is 0
  CK_FLOOR_DIVIDE,  // floor(a / b)
  CK_MAX, CK_MIN, CK_POW,
  CK_MOD,  // the remainder with the divisor's sign
  CK_ATAN2,
  CK_AND, CK_OR, CK_XOR, CK_EQ, CK_NE, CK_LT, CK_LE, CK_GT, CK_GE,

  // Three sources.
  CK_SELECT = 128,  // a != 0 ? b : c
  CK_FMA,           // a * b + c
  CK_CLAMP,         // min(max(a, b), c)
  CK_LERP,          // a + (b - a) * c
  CK_LERP_SQUARE,   // a + (b * b - a) * c
  CK_ROOT_STEP,     // a - b / (sqrt(c) + the instruction's `immediate`)
  // A CK_LERP that a CK_LERP_SQUARE of the same `b`, a CK_MUL whose `b` is this one's result, and a
  // CK_ROOT_STEP of these two follow: Adam's step. The four run as one loop. What they name in
  // memory is of the compute type, and the product is read by nothing else.
  CK_ADAM,

  // Random numbers of ck_random.h for the point's linear index; source `a` is an operand whose
  // data is one ck_random_key.
  CK_RANDOM_UNIFORM = 192, CK_RANDOM_NORMAL,
} ck_op;

enum {
  CK_REGISTERS = 24,
  CK_LANES_F32 = 1024,
  CK_LANES_F64 = 512,
  CK_OPERAND = 0x100,        // CK_OPERAND + i names operand i as a source or a destination
  CK_IMMEDIATE = 0xfffe,     // names the instruction's `immediate` as a source
  CK_IMMEDIATE_2 = 0xffff,   // and its `immediate_2`
};

// dst = op(a, b, c). Sources: a register (0..<CK_REGISTERS), an operand, an immediate. Destination:
// a register or a CK_FULL operand. A register may be a source and the destination at once.
typedef struct ck_instruction {
  ck_op op;
  uint16_t dst, a, b, c;
  double immediate, immediate_2;
} ck_instruction;

// An operand that is computed on the way instead of read: a CK_FULL input of a program in float over
// sizes that end in n, the product of the transpose of a, dense rows k long, and b, which ck_pack_f32
// has packed. A gradient of weights that only moves them never has to be in memory so. n is at most
// CK_PRODUCT_COLUMNS.
typedef struct ck_product {
  int32_t operand;
  int64_t rows, k, n;  // rows of a and b
  const float *a, *b;
} ck_product;

enum { CK_PRODUCT_COLUMNS = 4096 };

// An output may be the same memory as an input if that is CK_FULL with elements of the same size;
// the instruction that stores it must then be the last one to read that input (it may read it
// itself). Apart from that outputs overlap nothing.
typedef struct ck_program {
  const ck_operand *operands;
  const ck_instruction *instructions;
  int32_t operand_count, instruction_count;
  int64_t sizes[4];  // the iteration space, row-major
  int32_t rank;      // 0...4; as few as the strided operands allow
  ck_dtype compute;  // CK_F32 or CK_F64
  const ck_product *products;
  int32_t product_count;  // at most 2
} ck_program;

// Integers are exact in double up to 2^53. A store to an integer type truncates toward zero,
// saturates at the type's bounds, and makes 0 of NaN.

// 1 if every index, count, rank and dtype of the program is in range, else 0. The two functions
// below do not check.
int ck_program_is_valid(const ck_program *program);

// Runs the program on the team.
void ck_elementwise(const ck_program *program);

// Runs independent programs in one parallel region, their work split evenly: the sweep of an
// optimizer over all weights.
void ck_elementwise_many(const ck_program *const *programs, ptrdiff_t count);

#endif
