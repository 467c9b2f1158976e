#define T double
#define NAME(name) ck_##name##_f64
#include "reduce_body.h"
