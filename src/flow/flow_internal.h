/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flow_internal: what a compiled vector field is made of, and its Taylor series.
*/

#ifndef CAUSTIC_FLOW_INTERNAL_H
#define CAUSTIC_FLOW_INTERNAL_H

#include <caustic/flow.h>

#ifdef __cplusplus
extern "C" {
#endif

struct caustic_flow
{
    slong dimension;
    slong observables;
    caustic_tape * field;     /* roots: the field */
    caustic_tape * tape;      /* roots: the field, then the observables */
    caustic_tape * variation; /* roots: the field, then the entries of its Jacobian that are not identically 0 */
    slong entries;
    slong * entry_row;
    slong * entry_column;
};

/* Bits for what needs no more: enclosures, remainders, Jacobians, signs. */
#define CAUSTIC_FLOW_ROUGH 64

/* Order of the Taylor polynomials of the Jacobian of the flow. */
#define CAUSTIC_FLOW_VARIATION_ORDER 12

/* Taylor coefficients 0 .. order, in time, along the solutions from the box start, of all
   coordinates and, where asked for, all observables: value i in polynomial[i * stride ...]. */
void caustic_flow_taylor(arb_ptr polynomial, slong stride, const caustic_flow * flow, arb_srcptr start,
    int with_observables, slong order, slong prec);

/* The same of the matrix P with P' = Df(x(t)) P, P(0) in the box start_matrix: entry (i, j) in
   polynomial[(i * dimension + j) * (order + 1) ...]. */
void caustic_flow_taylor_variation(arb_ptr polynomial, const caustic_flow * flow, arb_srcptr start,
    arb_srcptr start_matrix, slong order, slong prec);

#ifdef __cplusplus
}
#endif

#endif
