#include "vector_math.h"

// The C library's functions, called lane by lane: double is for exactness, not for speed.
#pragma clang diagnostic ignored "-Wpass-failed"

CK_INLINE double cd_abs(double x) { return fabs(x); }
CK_INLINE double cd_exp(double x) { return exp(x); }
CK_INLINE double cd_expm1(double x) { return expm1(x); }
CK_INLINE double cd_log(double x) { return log(x); }
CK_INLINE double cd_log1p(double x) { return log1p(x); }
CK_INLINE double cd_sqrt(double x) { return __builtin_elementwise_sqrt(x); }
CK_INLINE double cd_sin(double x) { return sin(x); }
CK_INLINE double cd_cos(double x) { return cos(x); }
CK_INLINE double cd_tan(double x) { return tan(x); }
CK_INLINE double cd_asin(double x) { return asin(x); }
CK_INLINE double cd_acos(double x) { return acos(x); }
CK_INLINE double cd_atan(double x) { return atan(x); }
CK_INLINE double cd_sinh(double x) { return sinh(x); }
CK_INLINE double cd_cosh(double x) { return cosh(x); }
CK_INLINE double cd_asinh(double x) { return asinh(x); }
CK_INLINE double cd_acosh(double x) { return acosh(x); }
CK_INLINE double cd_atanh(double x) { return atanh(x); }
CK_INLINE double cd_tanh(double x) { return tanh(x); }
CK_INLINE double cd_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
CK_INLINE double cd_softplus(double x) { return (x < 0.0 ? 0.0 : x) + log1p(exp(-fabs(x))); }
CK_INLINE double cd_erf(double x) { return erf(x); }
CK_INLINE double cd_pow(double x, double y) { return pow(x, y); }
CK_INLINE double cd_atan2(double y, double x) { return atan2(y, x); }

#define T double
#define LANES CK_LANES_F64
#define OWN_DTYPE CK_F64
#define RUN_BLOCKS ck_run_blocks_f64
#define M(name) cd_##name
#define LOOP CK_LOOP8
#define TRIG_LIMIT 0.0
#define LIBM(name) name
#include "elementwise_body.h"
