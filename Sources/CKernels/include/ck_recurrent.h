// One time step of the LSTM's and the GRU's gates, forward and backward; the matrix products
// before and after are the caller's.
//
// Rows are samples. Pointers named with a stride hold rows that many elements apart, such as one
// step of [batch, time, units]; the others hold rows one after the other. `mask` is one byte for
// each sample or null; where it is 0, state and its gradient pass the step by. Nothing may overlap
// unless it says so.
#ifndef CK_RECURRENT_H
#define CK_RECURRENT_H

#include <stdint.h>

typedef struct ck_lstm_step {
  int64_t batch, units;
  const uint8_t *mask;
  float *gates;  // [batch, 4 units]: i, f, g, o
  int64_t gates_stride;
  const float *c_previous;  // [batch, units]
  int64_t c_previous_stride;
  float *c;  // [batch, units]
  int64_t c_stride;
  const float *h_previous;  // [batch, units]; read for masked samples only
  int64_t h_previous_stride;
  float *h;  // [batch, units]
  int64_t h_stride;
} ck_lstm_step;

// gates: from pre-activations to i = sigmoid, f = sigmoid, g = tanh, o = sigmoid, in place;
// c = f c_previous + i g; h = o tanh(c).
void ck_lstm_forward_f32(const ck_lstm_step *step);

// From dh + dh_step, the gradient of h (what later steps give, and what the output of this step
// does), and dc, that of c:
//   dc' = dc + dh o (1 - tanh(c)^2),  dc_previous = dc' f,
//   dgates = (dc' g i (1 - i), dc' c_previous f (1 - f), dc' i (1 - g^2), dh tanh(c) o (1 - o)).
// dgates lies as the step's gates do; dc_previous may be dc. dh_previous gets 0: the recurrent
// product of dgates is to be added to it. Masked samples: dgates = 0, dc_previous = dc,
// dh_previous = dh + dh_step.
void ck_lstm_backward_f32(const ck_lstm_step *step, float *dgates, float *dc_previous,
                          float *dh_previous, const float *dh, const float *dh_step,
                          int64_t dh_step_stride, const float *dc);

// The GRU with the reset gate applied after the recurrent product (reset_after = 1).
typedef struct ck_gru_step {
  int64_t batch, units;
  const uint8_t *mask;
  float *gates;  // [batch, 3 units]: z, r, candidate; the input's part with its bias
  int64_t gates_stride;
  const float *recurrent;  // [batch, 3 units]: h_previous's part with its bias; forward only
  float *inner;            // [batch, units]: the candidate's part of `recurrent`, for the gradient
  int64_t inner_stride;
  const float *h_previous;  // [batch, units]
  int64_t h_previous_stride;
  float *h;  // [batch, units]; forward only
  int64_t h_stride;
} ck_gru_step;

// gates: from the input's part to z = sigmoid(x_z + u_z), r = sigmoid(x_r + u_r),
// n = tanh(x_n + r u_n), in place, u being `recurrent`; h = z h_previous + (1 - z) n.
void ck_gru_forward_f32(const ck_gru_step *step);

// From dh + dh_step, the gradient of h as above:
//   dn = dh (1 - z) (1 - n^2),  dr = dn u_n r (1 - r),  dz = dh (h_previous - n) z (1 - z),
//   dgates = (dz, dr, dn),  drecurrent = (dz, dr, dn r),  dh_previous = dh z,
// to which the recurrent product of drecurrent is to be added. dgates and drecurrent lie as the
// step's gates do. Masked samples: both gradients are 0, dh_previous = dh + dh_step.
void ck_gru_backward_f32(const ck_gru_step *step, float *dgates, float *drecurrent,
                         float *dh_previous, const float *dh, const float *dh_step,
                         int64_t dh_step_stride);

#endif
