/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The heat kernel exp(-kappa |s - y|^2), kappa = 1/(4 nu t), on complex times and places: what its bounds need, for
    any number of axes.
*/

#ifndef CAUSTIC_KERNEL_H
#define CAUSTIC_KERNEL_H

#include <caustic/base.h>

/* The region of [HEAT-2]: kappa_lower <= Re kappa, |kappa| <= kappa_upper, |Im kappa| <= delta Re kappa, and
   |Im s| <= radius along each axis. */
typedef struct
{
    arb_t kappa_lower;
    arb_t kappa_upper;
    arb_t delta;
    arb_t spread; /* 1 + delta^2 */
    arb_t radius;
    arb_t half_inverse; /* 1/(2 nu) */
    /* the same for the search */
    double k_lower, k_upper, d_delta, d_radius, d_half_inverse;
}
kernel_struct;

typedef kernel_struct kernel_t[1];

/* A new kernel is that with kappa = 0: the bounds are then those of what it is multiplied with. */
void kernel_init(kernel_t kernel);
void kernel_clear(kernel_t kernel);
/* Sets half_inverse. */
void kernel_set_viscosity(kernel_t kernel, const fmpq_t viscosity);
/* The discs of radius radius_t about the numbers of t, and of radius radius_s about those of s. Returns 0 where
   0 <= radius_t < t, radius_s >= 0 is not certain. */
int kernel_set(kernel_t kernel, const fmpq_t viscosity, const arb_t t, const arf_t radius_t, const arf_t radius_s);

/* The ends of s - centre, on the disc about s. */
void kernel_offsets(arb_t low, arb_t high, const kernel_t kernel, const arb_t s, const arf_t centre, slong prec);

/* [HEAT-2] Adds one axis to `square`: -Re(kappa sum (s_i - y_i)^2) is at most kernel_exponent of the sum. Here
   low <= Re s - c <= high, x0 <= Re y - c <= x1, |Im y| <= height. */
void kernel_add_axis(arb_t square, const kernel_t kernel, const arb_t low, const arb_t high, double x0, double x1,
    double height);
void kernel_exponent(arb_t res, const kernel_t kernel, const arb_t square);

/* The ball over [x0, x1]. */
void set_offsets(arb_t res, double x0, double x1);

#endif
