/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    series_internal: univariate Taylor arithmetic, one coefficient at a time.

    A series machine keeps the power series of every value of a tape. Coefficient k of everything
    follows from coefficient k of the inputs and from what is known of lower order, so the same code
    serves the plain evaluation (all inputs known) and the solution of differential equations
    (coefficient k+1 of the inputs is a function of coefficient k of the roots).
*/

#ifndef CAUSTIC_SERIES_INTERNAL_H
#define CAUSTIC_SERIES_INTERNAL_H

#include <caustic/jet.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct
{
    const caustic_tape * tape;
    slong capacity;         /* coefficients a value has room for */
    slong values;           /* inputs, then one value an instruction */
    arb_ptr arena;          /* values and auxiliary series, `capacity` balls each */
    slong arena_length;
    slong * auxiliary;      /* where the auxiliary series of an instruction start in the arena */
    slong * operands;       /* the tape's operands, as values instead of registers */
    slong * roots;          /* the tape's roots, as values */
    arb_ptr constants;      /* the tape's constants as balls */
    slong prec;
}
caustic_series_struct;

typedef caustic_series_struct caustic_series_t[1];

/* A machine for the tape, which must outlive it. prec is that of every later step. */
void caustic_series_init(caustic_series_t series, const caustic_tape * tape, slong capacity, slong prec);
void caustic_series_clear(caustic_series_t series);
/* The coefficients of input i, to be written by the caller before the step of that order. */
arb_ptr caustic_series_input(caustic_series_t series, slong i);
/* The coefficients of root i; those of order <= k are known after step k. */
arb_srcptr caustic_series_root(const caustic_series_t series, slong i);
/* Computes coefficient k of every value; steps 0 .. k-1 must have been made, inputs 0 .. k set. */
void caustic_series_step(caustic_series_t series, slong k);

/* The same for a single operation: y = function(a), a^exponent, to `length` coefficients. y and a
   may not overlap. */
void caustic_series_function(arb_ptr y, caustic_op op, arb_srcptr a, slong length, slong prec);
void caustic_series_power(arb_ptr y, arb_srcptr a, const fmpq_t exponent, slong length, slong prec);

#ifdef __cplusplus
}
#endif

#endif
