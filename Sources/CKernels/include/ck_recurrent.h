// The LSTM and the GRU over whole sequences, forward and backward, behind the products of the input.
//
// Samples have nothing to do with each other: each thread takes its share of them through all steps,
// so that threads never wait for each other and a sample's state stays in the cache. Tensors are
// [batch, time, …] and row-major. `mask` is one byte for each step and sample, [time, batch], or
// null; where it is 0, state and its gradient pass the step by. Nothing may overlap but `dgates` with
// the gates, which it may replace.
#ifndef CK_RECURRENT_H
#define CK_RECURRENT_H

#include <stdint.h>

typedef struct ck_lstm {
  int64_t batch, time, units;
  const uint8_t *mask;
  // [units, 4 units], packed by ck_pack_f32; for the gradient [4 units, units], the transposed one.
  const float *kernel;
  // [batch, time, 4 units]: i, f, g, o. Forward they come as what the input gives, with the bias,
  // and become i = sigmoid, f = sigmoid, g = tanh, o = sigmoid, in place.
  float *gates;
  const float *h_first, *c_first;  // [batch, units]
  float *h, *c;                    // [batch, time, units]
} ck_lstm;

// c = f c_previous + i g; h = o tanh(c).
void ck_lstm_f32(const ck_lstm *lstm);

// `dh_steps` [batch, time, units] is the gradient of each step's h, null if it is 0. `dh` and `dc`
// [batch, units] come as the gradients of the last states and become those of the first ones. Backwards in time,
// with d = dh + dh_step:
//   dc' = dc + d o (1 - tanh(c)^2),  dc = dc' f,  dh = dgates kernel,
//   dgates = (dc' g i (1 - i), dc' c_previous f (1 - f), dc' i (1 - g^2), d tanh(c) o (1 - o)).
void ck_lstm_gradient_f32(const ck_lstm *lstm, float *dgates, const float *dh_steps, float *dh,
                          float *dc);

// The GRU with the reset gate applied after the recurrent product (reset_after = 1).
typedef struct ck_gru {
  int64_t batch, time, units;
  const uint8_t *mask;
  const float *kernel;  // [units, 3 units], packed, or for the gradient [3 units, units]
  const float *bias;    // [3 units], of the recurrent product; forward only
  float *gates;         // [batch, time, 3 units]: z, r, candidate; from what the input gives, in place
  float *inner;         // [batch, time, units]: the candidate's part of the recurrent product
  float *recurrent;     // [batch, 3 units], a place for the recurrent product; forward only
  const float *h_first;  // [batch, units]
  float *h;              // [batch, time, units]
} ck_gru;

// u = h_previous kernel + bias, z = sigmoid(x_z + u_z), r = sigmoid(x_r + u_r),
// n = tanh(x_n + r u_n), h = z h_previous + (1 - z) n.
void ck_gru_f32(const ck_gru *gru);

// With d = dh + dh_step as above, and h_previous [batch, time, units] what each step began with:
//   dn = d (1 - z) (1 - n^2),  dr = dn u_n r (1 - r),  dz = d (h_previous - n) z (1 - z),
//   dgates = (dz, dr, dn),  drecurrent = (dz, dr, dn r),  dh = d z + drecurrent kernel.
void ck_gru_gradient_f32(const ck_gru *gru, const float *h_previous, float *dgates,
                         float *drecurrent, const float *dh_steps, float *dh);

#endif
