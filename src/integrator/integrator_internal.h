/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    integrator_internal: what a compiled vector field is made of, its Taylor series, and the parts of a step.
*/

#ifndef CAUSTIC_INTEGRATOR_INTERNAL_H
#define CAUSTIC_INTEGRATOR_INTERNAL_H

#include <caustic/integrator.h>
#include "jet/series_internal.h"

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

/* Bits for what needs no more: the turning of frames, signs. */
#define ROUGH 64

/* The Taylor series, in time, of the solutions from the box start: the machine for the tape with coefficients 0 .. order of all its values and
   0 .. order + 1 of the coordinates. To be cleared. */
void flow_series(caustic_series_t series, const caustic_flow * flow, const caustic_tape * tape, arb_srcptr start, slong order, slong prec);

/* Coefficients 0 .. order of the coordinates alone: coordinate i in polynomial[i * stride ...]. */
void flow_taylor(arb_ptr polynomial, slong stride, const caustic_flow * flow, arb_srcptr start, slong order, slong prec);

/* Coefficients 0 .. order + 1 of the columns of the n x m matrix V with V' = Df(x(t)) V, V(0) in the box start_matrix, along the series of the
   tape of variations: entry (i, j) in polynomial[(i * m + j) * (order + 2) ...]. */
void flow_series_variation(arb_ptr polynomial, const caustic_flow * flow, const caustic_series_t series,
    const arb_mat_t start_matrix, slong order, slong prec);

/* remainder.c: what the first coefficients leave out, in the norm sum_k |x_k| radius^k [INTEGRATOR-1]. */

/* Bounds of the coordinates' tails beyond `order`, given a machine with the field among its first roots; 1: proved, and `tails` holds
   bounds of all of the machine's values. */
int flow_tails(mag_ptr bound, caustic_tails_t tails, const caustic_flow * flow, const mag_t radius);

/* The same of the variations, order + 2 coefficients each: bound has n x m entries. `tails`: of the tape of variations. */
int flow_variation_tails(mag_ptr bound, const caustic_flow * flow, const caustic_tails_t tails, arb_srcptr polynomial, slong columns,
    const mag_t radius);

/* The last coefficient, [-b, b]/radius^(order + 1): a polynomial of that order with it encloses for times up to the radius. */
void flow_remainder(arb_t res, const mag_t bound, const mag_t radius, slong order);

/* Cuts a polynomial of that length, with its remainder, to a shorter one for times in [0, h]. */
void flow_shorten(arb_ptr res, slong length, arb_srcptr polynomial, slong whole, const mag_t h, slong prec);

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

/* variation.c: whether few coefficients do for a rough Jacobian on the prepared step. Its coefficients may fall more slowly than those of the
   coordinates: at rest these are 0. */
int orbit_jacobian_is_sharp(caustic_orbit_t orbit);
void orbit_forget_jacobian(caustic_orbit_t orbit);

/* variation.c: what the variations C of the centre become after `since` in the prepared step. */
void orbit_vary_centre(arb_mat_t res, const caustic_orbit_t orbit, const arb_t since);

/* frame.c: from y, which contains the centre moved on, Y, which contains its variations moved on, and
   the Jacobian at every point of the set to the new centres, frame and boxes [INTEGRATOR-4]. */
void orbit_move_frame(caustic_orbit_t orbit, arb_srcptr y, const arb_mat_t variation, const arb_mat_t jacobian);

#ifdef __cplusplus
}
#endif

#endif
