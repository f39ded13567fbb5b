/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    integrator_internal: what a compiled vector field is made of, its Taylor series, and the parts of a step.
*/

#ifndef CAUSTIC_INTEGRATOR_INTERNAL_H
#define CAUSTIC_INTEGRATOR_INTERNAL_H

#include <caustic/integrator.h>

#ifdef __cplusplus
extern "C" {
#endif

struct caustic_flow
{
    slong dimension;
    slong observables;
    caustic_tape * field;     /* roots: the field */
    caustic_tape * tape;      /* roots: the field, then the observables */
    caustic_tape * variation; /* roots: the field, then the entries of its Jacobian that are not identically 0; NULL: not written */
    slong entries;
    slong * entry_row;
    slong * entry_column;
};

/* Bits for what needs no more: enclosures, remainders, the turning of frames, signs. */
#define ROUGH 64

/* Taylor coefficients 0 .. order, in time, along the solutions from the box start, of all
   coordinates and, where asked for, all observables: value i in polynomial[i * stride ...]. */
void flow_taylor(arb_ptr polynomial, slong stride, const caustic_flow * flow, arb_srcptr start,
    int with_observables, slong order, slong prec);

/* The same of the columns of the n x m matrix V with V' = Df(x(t)) V, V(0) in the box start_matrix: entry (i, j) in
   polynomial[(i * m + j) * (order + 1) ...]. */
void flow_taylor_variation(arb_ptr polynomial, const caustic_flow * flow, arb_srcptr start,
    const arb_mat_t start_matrix, slong order, slong prec);

/* Upper bound of log2 |x|, roughly; -inf for 0. */
double log2_size(const arb_t x);

/* The value of the polynomial with that many coefficients. */
void horner(arb_t res, arb_srcptr polynomial, slong length, const arb_t x, slong prec);

/* The number of coefficients of a Taylor polynomial with its remainder. */
slong orbit_stride(const caustic_orbit_t orbit);
/* Whether a step is prepared and all numbers of `since` lie in it. */
int orbit_within_step(const caustic_orbit_t orbit, const arb_t since);
/* The error of a set that cannot move on, with the time and the reason. */
caustic_result orbit_no_step(const caustic_orbit_t orbit, caustic_error_t error);

/* variation.c: what the variations C of the centre become after `since` in the prepared step. */
void orbit_vary_centre(arb_mat_t res, const caustic_orbit_t orbit, const arb_t since);

/* frame.c: from y, which contains the centre moved on, Y, which contains its variations moved on, and
   the Jacobian at every point of the set to the new centres, frame and boxes [INTEGRATOR-4]. */
void orbit_move_frame(caustic_orbit_t orbit, arb_srcptr y, const arb_mat_t variation, const arb_mat_t jacobian);

#ifdef __cplusplus
}
#endif

#endif
