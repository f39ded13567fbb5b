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

/* Bounds of what polynomials leave out *********************************************************/

/* For power series in t and a radius r > 0: with the coefficients to order K known, bounds of sum_(k>K) |v_k| r^k for every value
   v of a tape, given such bounds for the inputs [JET-3]. */
typedef struct
{
    const caustic_series_struct * series;
    slong order;            /* K */
    slong slots;            /* values, auxiliary series and inverses */
    mag_ptr size;           /* |v_k| r^k, K + 1 numbers a slot */
    mag_ptr rest;           /* the sum of these from k on, for k = 0 .. K + 1 */
    mag_ptr tail;           /* the bound: one number a slot */
    slong * inverse;        /* of an instruction that divides: the slot of 1/divisor; else -1 */
    slong * divisor;        /* of that slot */
    slong inverses;
}
caustic_tails_struct;

typedef caustic_tails_struct caustic_tails_t[1];

/* A series as such bounds see it. */
typedef struct
{
    mag_srcptr size, rest, tail;
}
caustic_tail_view;

/* Steps 0 .. order of the machine must have been made; it must outlive the bounds. */
void caustic_tails_init(caustic_tails_t tails, const caustic_series_t series, slong order, const mag_t radius);
void caustic_tails_clear(caustic_tails_t tails);
/* The bound of input i, to be written by the caller. */
mag_ptr caustic_tails_input(caustic_tails_t tails, slong i);
/* From the bounds of the inputs to those of all values: infinite where nothing was proved. */
void caustic_tails_run(caustic_tails_t tails);
caustic_tail_view caustic_tails_root(const caustic_tails_t tails, slong i);

/* |a_k| r^k for k = 0 .. order, and the sums of these from k on, one number more. */
void caustic_tail_sizes(mag_ptr size, mag_ptr rest, arb_srcptr a, slong order, const mag_t radius);
/* Of a product. */
void caustic_tail_product(mag_t res, caustic_tail_view a, caustic_tail_view b, slong order);

#ifdef __cplusplus
}
#endif

#endif
