// Float functions that a compiler can turn into vector code: no branch, no table, no call.
//
// Polynomials are minimax fits of our own (weighted least squares on Chebyshev nodes, reweighted
// to level the error). Worst errors, in units in the last place: see the table in
// ck_elementwise.h. Arguments are any float, infinities and NaN included.
#ifndef CK_VECTOR_MATH_H
#define CK_VECTOR_MATH_H

#include "internal.h"

CK_INLINE uint32_t cm_bits(float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  return u;
}

CK_INLINE float cm_from_bits(uint32_t u) {
  float x;
  memcpy(&x, &u, 4);
  return x;
}

CK_INLINE uint64_t cm_bits64(double x) {
  uint64_t u;
  memcpy(&u, &x, 8);
  return u;
}

CK_INLINE double cm_from_bits64(uint64_t u) {
  double x;
  memcpy(&x, &u, 8);
  return x;
}

CK_INLINE float cm_abs(float x) { return cm_from_bits(cm_bits(x) & 0x7fffffffu); }

CK_INLINE float cm_copysign(float x, float sign) {
  return cm_from_bits((cm_bits(x) & 0x7fffffffu) | (cm_bits(sign) & 0x80000000u));
}

// 2^n for -126 <= n <= 127.
CK_INLINE float cm_pow2(uint32_t n) { return cm_from_bits((n + 127u) << 23); }

// Adding this to |x| < 2^22 leaves the nearest integer in the low bits of the sum.
#define CM_SHIFT 12582912.0f
#define CM_LN2_HIGH 0.693359375f
#define CM_LN2_LOW -2.12194440e-4f

// exp(r) - 1 = r + r^2 Q(r) on |r| <= ln(2)/2.
CK_INLINE float cm_expm1_reduced(float r) {
  CK_CONTRACT
  float q = 1.388248755e-3f;
  q = q * r + 8.366647176e-3f;
  q = q * r + 4.166720435e-2f;
  q = q * r + 1.666654199e-1f;
  q = q * r + 4.999999702e-1f;
  return r * r * q + r;
}

CK_INLINE float cm_exp(float x) {
  CK_CONTRACT
  // What vanishes is never computed: underflow is slow, and masked scores are all like that.
  const bool vanishes = x < -104.0f;
  float t = vanishes ? 0.0f : x;
  t = t > 89.0f ? 89.0f : t;
  float k = t * 1.44269504f + CM_SHIFT;
  const uint32_t n = cm_bits(k) - cm_bits(CM_SHIFT);
  k -= CM_SHIFT;
  float r = t - k * CM_LN2_HIGH;
  r = r - k * CM_LN2_LOW;
  const uint32_t half = (uint32_t)((int32_t)n >> 1);
  const float y = (1.0f + cm_expm1_reduced(r)) * cm_pow2(half) * cm_pow2(n - half);
  return vanishes ? 0.0f : y;
}

// exp(x) for -87 <= x <= 88.
CK_INLINE float cm_exp_within(float x) {
  CK_CONTRACT
  float k = x * 1.44269504f + CM_SHIFT;
  const float power = cm_from_bits((cm_bits(k) << 23) + cm_bits(1.0f));
  k -= CM_SHIFT;
  float r = x - k * CM_LN2_HIGH;
  r = r - k * CM_LN2_LOW;
  return (1.0f + cm_expm1_reduced(r)) * power;
}

// exp(x) for x <= 0, as in a softmax: 0 below -86.6, where it is less than 2.5e-38.
CK_INLINE float cm_exp_falling(float x) {
  const bool vanishes = x < -86.6f;
  const float y = cm_exp_within(vanishes ? 0.0f : x);
  return vanishes ? 0.0f : y;
}

CK_INLINE float cm_expm1(float x) {
  CK_CONTRACT
  float t = x < -18.0f ? -18.0f : x;
  t = t > 89.0f ? 89.0f : t;
  float k = t * 1.44269504f + CM_SHIFT;
  const uint32_t n = cm_bits(k) - cm_bits(CM_SHIFT);
  k -= CM_SHIFT;
  float r = t - k * CM_LN2_HIGH;
  r = r - k * CM_LN2_LOW;
  const uint32_t half = (uint32_t)((int32_t)n >> 1);
  // 2^n (p + 1) - 1 = 2^n (p + (1 - 2^-n)): no cancellation that p itself does not have.
  const float inverse = cm_from_bits((int32_t)n >= 127 ? 0 : (127u - n) << 23);
  const float y = cm_expm1_reduced(r) + (1.0f - inverse);
  const float result = y * cm_pow2(half) * cm_pow2(n - half);
  return x == 0.0f ? x : result;
}

// log(m 2^k) for sqrt(1/2) <= m < sqrt(2), with f = m - 1: with s = f / (2 + f),
// log(1 + f) = 2 artanh(s) = f - (f^2/2 - s (f^2/2 + R(s^2))).
CK_INLINE float cm_log_parts(float f, float k, float extra) {
  CK_CONTRACT
  const float s = f / (2.0f + f);
  const float z = s * s;
  float p = 2.358641475e-1f;
  p = p * z + 2.853709757e-1f;
  p = p * z + 4.000033736e-1f;
  p = p * z + 6.666666269e-1f;
  const float h = 0.5f * f * f;
  const float tail = s * (h + z * p) + (k * CM_LN2_LOW + extra);
  return k * CM_LN2_HIGH - ((h - tail) - f);
}

CK_INLINE float cm_log(float x) {
  const bool tiny = x < 1.17549435e-38f;
  const float scaled = tiny ? x * 8388608.0f : x;
  const uint32_t u = cm_bits(scaled) - 0x3f3504f3u;
  const float k = (float)((int32_t)u >> 23) - (tiny ? 23.0f : 0.0f);
  const float f = cm_from_bits((u & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  float y = cm_log_parts(f, k, 0.0f);
  y = x == 0.0f ? -INFINITY : y;
  y = x < 0.0f ? NAN : y;
  return x < INFINITY ? y : x;
}

CK_INLINE float cm_log1p(float x) {
  const float one_plus = 1.0f + x;
  // What the sum lost, relative to the sum.
  float lost = x >= 1.0f ? 1.0f - (one_plus - x) : x - (one_plus - 1.0f);
  lost = lost / one_plus;
  const uint32_t u = cm_bits(one_plus) - 0x3f3504f3u;
  const float k = (float)((int32_t)u >> 23);
  const float f = cm_from_bits((u & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  float y = cm_log_parts(f, k, lost);
  y = x == -1.0f ? -INFINITY : y;
  y = x < -1.0f ? NAN : y;
  y = x == 0.0f ? x : y;
  return x < INFINITY ? y : x;
}

CK_INLINE float cm_sqrt(float x) { return __builtin_elementwise_sqrt(x); }

// With e = exp(2|x|) - 1: e / (e + 2), which is 1 beyond 9.1.
CK_INLINE float cm_tanh(float x) {
  CK_CONTRACT
  const float a = cm_abs(x), t = 2.0f * (a > 9.1f ? 9.1f : a);
  float k = t * 1.44269504f + CM_SHIFT;
  const float power = cm_from_bits((cm_bits(k) << 23) + cm_bits(1.0f));
  k -= CM_SHIFT;
  float r = t - k * CM_LN2_HIGH;
  r = r - k * CM_LN2_LOW;
  // 2^n - 1 is exact.
  const float e = cm_expm1_reduced(r) * power + (power - 1.0f);
  return cm_copysign(e / (e + 2.0f), x);
}

// What exp takes is held where it is a normal number; 1 and 0 are reached before.
CK_INLINE float cm_sigmoid(float x) {
  float t = -x < -87.0f ? -87.0f : -x;
  t = t > 88.0f ? 88.0f : t;
  return 1.0f / (1.0f + cm_exp_within(t));
}

CK_INLINE float cm_softplus(float x) {
  return (x < 0.0f ? 0.0f : x) + cm_log1p(cm_exp(-cm_abs(x)));
}

CK_INLINE float cm_erf(float x) {
  CK_CONTRACT
  const float a = cm_abs(x);
  const float z = a * a;
  float p = 7.853846910e-5f;
  p = p * z - 8.010189049e-4f;
  p = p * z + 5.188327283e-3f;
  p = p * z - 2.685381100e-2f;
  p = p * z + 1.128358543e-1f;
  p = p * z - 3.761262596e-1f;
  p = p * z + 1.283791661e-1f;
  const float near = x + x * p;
  // log(erfc(a)) on 1 <= a <= 4; beyond, erf is 1.
  const float t = a > 4.0f ? 4.0f : a;
  float q = 8.599513990e-7f;
  q = q * t - 1.372066072e-5f;
  q = q * t + 7.362922042e-5f;
  q = q * t + 6.283525727e-5f;
  q = q * t - 3.257389413e-3f;
  q = q * t + 2.365861647e-2f;
  q = q * t - 1.067601889e-1f;
  q = q * t - 6.343399286e-1f;
  q = q * t - 1.129144907e+0f;
  q = q * t + 1.147534640e-4f;
  const float far = cm_copysign(1.0f - cm_exp(q), x);
  return a < 1.0f ? near : far;
}

// sin and cos of r for |r| <= pi/4.
CK_INLINE float cm_sin_reduced(float r) {
  CK_CONTRACT
  const float z = r * r;
  float p = -1.951397571e-4f;
  p = p * z + 8.332150988e-3f;
  p = p * z - 1.666665375e-1f;
  return r * z * p + r;
}

CK_INLINE float cm_cos_reduced(float r) {
  CK_CONTRACT
  const float z = r * r;
  float p = 2.443700032e-5f;
  p = p * z - 1.388735487e-3f;
  p = p * z + 4.166664556e-2f;
  return (1.0f - 0.5f * z) + z * z * p;
}

// Beyond this the reduction below is not exact enough: callers take libm's function.
#define CM_TRIG_LIMIT 1048576.0f

// x = quadrant * pi/2 + r.
CK_INLINE float cm_trig_reduce(float x, uint32_t *quadrant) {
  const double shift = 6755399441055744.0;
  double k = (double)x * 0.63661977236758134 + shift;
  *quadrant = (uint32_t)cm_bits64(k);
  k -= shift;
  // pi/2 in two parts, the first short enough for an exact product.
  const double r = ((double)x - k * 1.5707963258028030) - k * 9.9209357968054044e-10;
  return (float)r;
}

CK_INLINE float cm_sin_quadrant(float r, uint32_t quadrant) {
  const float y = quadrant & 1 ? cm_cos_reduced(r) : cm_sin_reduced(r);
  return cm_from_bits(cm_bits(y) ^ (quadrant & 2) << 30);
}

CK_INLINE float cm_sin(float x) {
  uint32_t quadrant;
  const float r = cm_trig_reduce(x, &quadrant);
  const float y = cm_sin_quadrant(r, quadrant);
  return x == 0.0f ? x : y;
}

CK_INLINE float cm_cos(float x) {
  uint32_t quadrant;
  const float r = cm_trig_reduce(x, &quadrant);
  return cm_sin_quadrant(r, quadrant + 1);
}

CK_INLINE float cm_tan(float x) {
  uint32_t quadrant;
  const float r = cm_trig_reduce(x, &quadrant);
  const float s = cm_sin_reduced(r), c = cm_cos_reduced(r);
  return x == 0.0f ? x : quadrant & 1 ? -c / s : s / c;
}

// asin(a) = a + a^3 P(a^2) on 0 <= a <= 1/2.
CK_INLINE float cm_asin_reduced(float a, float z) {
  CK_CONTRACT
  float p = 4.217813909e-2f;
  p = p * z + 2.417299896e-2f;
  p = p * z + 4.547160119e-2f;
  p = p * z + 7.495288551e-2f;
  p = p * z + 1.666675210e-1f;
  return a * z * p + a;
}

CK_INLINE float cm_asin(float x) {
  const float a = cm_abs(x);
  const bool far = a > 0.5f;
  const float z = far ? 0.5f * (1.0f - a) : a * a;
  const float y = cm_asin_reduced(far ? cm_sqrt(z) : a, z);
  return cm_copysign(far ? 1.57079637f - (2.0f * y + 4.37113883e-8f) : y, x);
}

CK_INLINE float cm_acos(float x) {
  const float a = cm_abs(x);
  const bool far = a > 0.5f;
  const float z = far ? 0.5f * (1.0f - a) : a * a;
  const float y = cm_asin_reduced(far ? cm_sqrt(z) : a, z);
  const float near = 1.57079637f - (cm_copysign(y, x) + 4.37113883e-8f);
  return far ? (x < 0.0f ? 3.14159274f - (2.0f * y + 8.74227766e-8f) : 2.0f * y) : near;
}

// atan(a) on 0 <= a <= 1.
CK_INLINE float cm_atan_reduced(float a) {
  CK_CONTRACT
  const float z = a * a;
  float p = -1.793508767e-3f;
  p = p * z + 1.091409940e-2f;
  p = p * z - 3.117689863e-2f;
  p = p * z + 5.795663968e-2f;
  p = p * z - 8.403394371e-2f;
  p = p * z + 1.095216647e-1f;
  p = p * z - 1.426423788e-1f;
  p = p * z + 1.999854743e-1f;
  p = p * z - 3.333329856e-1f;
  return a * z * p + a;
}

CK_INLINE float cm_atan(float x) {
  const float a = cm_abs(x);
  const bool far = a > 1.0f;
  const float y = cm_atan_reduced(far ? 1.0f / a : a);
  return cm_copysign(far ? 1.57079637f - (y + 4.37113883e-8f) : y, x);
}

CK_INLINE float cm_atan2(float y, float x) {
  const float ay = cm_abs(y), ax = cm_abs(x);
  const bool steep = ay > ax;
  const float low = steep ? ax : ay, high = steep ? ay : ax;
  float ratio = high == 0.0f ? 0.0f : low / high;
  ratio = low == INFINITY ? 1.0f : ratio;
  float angle = cm_atan_reduced(ratio);
  angle = steep ? 1.57079637f - (angle + 4.37113883e-8f) : angle;
  angle = cm_bits(x) >> 31 ? 3.14159274f - (angle + 8.74227766e-8f) : angle;
  return x != x || y != y ? NAN : cm_copysign(angle, y);
}

CK_INLINE float cm_sinh(float x) {
  const float a = cm_abs(x);
  const float e = cm_expm1(a > 88.0f ? 88.0f : a);
  const float h = cm_exp(0.5f * a);
  return cm_copysign(a > 80.0f ? 0.5f * h * h : 0.5f * (e + e / (e + 1.0f)), x);
}

CK_INLINE float cm_cosh(float x) {
  const float a = cm_abs(x);
  const float e = cm_exp(a > 88.0f ? 88.0f : a);
  const float h = cm_exp(0.5f * a);
  return a > 80.0f ? 0.5f * h * h : 0.5f * e + 0.5f / e;
}

CK_INLINE float cm_asinh(float x) {
  const float a = cm_abs(x);
  const float t = a > 1e9f ? 1.0f : a;
  const float near = cm_log1p(t + t * t / (1.0f + cm_sqrt(t * t + 1.0f)));
  return cm_copysign(a > 1e9f ? cm_log(a) + 0.693147181f : near, x);
}

CK_INLINE float cm_acosh(float x) {
  const float t = x > 1e9f ? 1.0f : x - 1.0f;
  const float near = cm_log1p(t + cm_sqrt(2.0f * t + t * t));
  return x > 1e9f ? cm_log(x) + 0.693147181f : x < 1.0f ? NAN : near;
}

CK_INLINE float cm_atanh(float x) {
  const float a = cm_abs(x);
  return cm_copysign(0.5f * cm_log1p(2.0f * a / (1.0f - a)), x);
}

// x^y by logarithm and exponential in double, with the special cases of IEEE 754's pow.
CK_INLINE float cm_pow(float x, float y) {
  CK_CONTRACT
  const float a = cm_abs(x);
  const uint64_t root_half = 0x3fe6a09e667f3bcdu;
  const uint64_t u = cm_bits64((double)a) - root_half;
  const double k = (double)(int32_t)((uint32_t)(u >> 52) << 20) * (1.0 / 1048576.0);
  const double m = cm_from_bits64((u & 0xfffffffffffffu) + root_half);
  const double s = (m - 1.0) / (m + 1.0), z = s * s;
  double p = 1.68785550672382323e-1;
  p = p * z + 1.81186338505220257e-1;
  p = p * z + 2.22235334673684559e-1;
  p = p * z + 2.85714146702528482e-1;
  p = p * z + 4.00000000699747504e-1;
  p = p * z + 6.66666666665347019e-1;
  p = p * z + 2.0;
  double log = k * 0.69314718055994531 + s * p;
  log = a == 0.0f ? -1e300 : log;
  log = a == INFINITY ? 1e300 : log;
  double e = (double)y * log;
  e = e < -110.0 ? -110.0 : e;
  e = e > 92.0 ? 92.0 : e;
  const double shift = 6755399441055744.0;
  double n = e * 1.4426950408889634 + shift;
  const uint64_t exponent = (cm_bits64(n) - cm_bits64(shift) + 1023u) << 52;
  n -= shift;
  const double r = e - n * 0.69314718055994531;
  double q = 2.48930277723752609e-5;
  q = q * r + 1.99161674256211139e-4;
  q = q * r + 1.38887811659189030e-3;
  q = q * r + 8.33326555502581293e-3;
  q = q * r + 4.16666671951159903e-2;
  q = q * r + 1.66666668937710011e-1;
  q = q * r + 4.99999999990671851e-1;
  q = q * r + 1.0;
  q = q * r + 1.0;
  float result = (float)(q * cm_from_bits64(exponent));
  const bool negative = cm_bits(x) >> 31;
  const bool whole = __builtin_elementwise_trunc(y) == y;
  const bool odd = whole && __builtin_elementwise_trunc(0.5f * y) != 0.5f * y;
  result = negative && odd ? -result : result;
  result = x < 0.0f && a < INFINITY && !whole ? NAN : result;
  result = a == 1.0f && cm_abs(y) == INFINITY ? 1.0f : result;
  result = x != x || y != y ? NAN : result;
  return y == 0.0f || x == 1.0f ? 1.0f : result;
}

// Conversions between the 16-bit formats and float; to 16 bits they round to nearest even.
CK_INLINE float cm_from_f16(uint16_t h) {
  const uint32_t magnitude = (uint32_t)(h & 0x7fffu) << 13;
  const float finite = cm_from_bits(magnitude) * 5.192296858534828e33f;  // 2^112
  const uint32_t value = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : cm_bits(finite);
  return cm_from_bits(value | (uint32_t)(h & 0x8000u) << 16);
}

CK_INLINE uint16_t cm_to_f16(float x) {
  const uint32_t u = cm_bits(x), sign = u >> 16 & 0x8000u, a = u & 0x7fffffffu;
  const uint32_t normal = (a - 0x38000000u + 0xfffu + (a >> 13 & 1u)) >> 13;
  // Adding 1/2 aligns a subnormal result with the low bits of the sum.
  const uint32_t subnormal = cm_bits(cm_from_bits(a) + 0.5f) - 0x3f000000u;
  uint32_t h = a < 0x38800000u ? subnormal : normal;
  h = a >= 0x477ff000u ? 0x7c00u : h;
  h = a > 0x7f800000u ? 0x7e00u : h;
  return (uint16_t)(h | sign);
}

CK_INLINE float cm_from_bf16(uint16_t b) { return cm_from_bits((uint32_t)b << 16); }

CK_INLINE uint16_t cm_to_bf16(float x) {
  const uint32_t u = cm_bits(x);
  const uint32_t rounded = u + 0x7fffu + (u >> 16 & 1u);
  return (uint16_t)((x != x ? u | 0x00400000u : rounded) >> 16);
}

#endif
