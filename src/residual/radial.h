/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The solution on the half line of the Bessel operator.
*/

#ifndef CAUSTIC_RADIAL_H
#define CAUSTIC_RADIAL_H

#include "solution.h"

#define RADIAL_MEMORIES 32
#define RADIAL_NATS 1e5
/* phi, phi', phi'', phi''' in r, phi_t, phi_t' */
#define RADIAL_VALUES 6

/* phi at a point, computed once. */
typedef struct
{
    slong prec; /* 0: empty */
    arb_t r, t;
    arb_ptr value;
}
remembered;

typedef struct
{
    caustic_pool * pool;
    caustic_flattening_t flat;   /* r(z) and its inverse */
    caustic_expr kernel_loss;    /* in z */
    caustic_expr loss;           /* the same in r */
    arf_t lower;
    caustic_tape * chart;        /* r, r', r'', r''' */
    caustic_profile_t profile;   /* for the current viscosity */
    remembered memory[RADIAL_MEMORIES];
    slong oldest;
}
radial_struct;

/* radial.c: the values at (r, t), t a number, to about the tolerance and so many more nats; not finite where no sum was found. */
void radial_values(arb_ptr value, const solution_struct * solution, const arb_t r, const arb_t t, double more, slong prec);
void radial_radii(arf_t radius_s, arf_t radius_t, const solution_struct * solution, const arf_t first, slong part);
slong radial_precision(const solution_struct * solution);

/* radial_cover.c: the image of the box, and sup |r'| on it; both residuals on the whole box [RESIDUAL-51]. */
void radial_image(arb_t r, arb_t slope, const solution_struct * solution);
void radial_residuals(outcome_t hamilton_jacobi, outcome_t burgers, const solution_struct * solution);

/* radial_upstairs.c: the local entropy on parameter space [RESIDUAL-52]. */
void radial_parameter_space(outcome_t outcome, const char ** method, const solution_struct * solution);

/* Whether e vanishes identically. */
truth_t field_vanishes(caustic_expr e, gr_ctx_struct * field);

#endif
