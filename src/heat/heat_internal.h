/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_HEAT_INTERNAL_H
#define CAUSTIC_HEAT_INTERNAL_H

#include <caustic/heat.h>

/* A set that contains all values of an expression. A strict end is not itself a value. */
typedef struct
{
    arf_t lower;
    arf_t upper;
    int lower_strict;
    int upper_strict;
}
range_struct;

typedef range_struct range_t[1];

void range_init(range_t range);
void range_clear(range_t range);
/* The range that is exactly the interval. */
void range_set_interval(range_t range, const caustic_interval_t interval);
/* Whether every number of the range lies in the interval. */
int range_inside(const range_t range, const caustic_interval_t interval);

/* Encloses the values of e where its one symbol runs through the range `input`. Returns 1 if e is
   moreover defined and continuous at every number of `input` [HEAT-6]; 0 otherwise, then the
   result is the whole line. Without a symbol (CAUSTIC_NONE) every symbol of e runs through it. */
int range_of_expression(range_t result, const caustic_pool * pool, caustic_expr e,
    caustic_expr symbol, const range_t input);

/* An upper bound of |f| on |Re y - centre| <= width, |Im y| <= height, where f is holomorphic, both
   proved; pieces above exp(threshold) are refined. Returns 0 where that did not succeed. */
int rectangle_sup(mag_t sup, const caustic_line_t line, const arf_t centre, double width,
    double height, double threshold);
/* About the logarithm of that supremum, to choose a height; infinite where there is none. */
double rectangle_level(const caustic_line_t line, const arf_t centre, double width, double height);

/* harmonics.c: b_l of [HEAT-24] on the sphere in R^n, x P_l = P_{l+1} + b_l P_{l-1},
   b_l = l (l + n - 3)/((2l + n - 2)(2l + n - 4)), l >= 1. */
void sphere_recurrence(arb_t res, slong l, slong n, slong prec);

/* grid.c: vectors of an axis: the Taylor coefficients in s of the kernel, orders 0 to 3, and of its derivative in t, orders 0 and 1. */
#define COEFFICIENTS 6

/* Along axis i at offset w = s_i - y: h sqrt(kappa/pi) exp(-kappa w^2) times those coefficients; `axis` holds COEFFICIENTS vectors of
   2 reach + 1. */
void grid_axis_coefficients(arb_ptr axis, const caustic_grid_struct * grid, slong i, const arb_t kappa, const arb_t s, const arb_t t,
    slong prec);
/* The entry for one vector an axis, the last axis running fastest. */
slong grid_place_of(const slong * choice, slong dimension);

#endif
