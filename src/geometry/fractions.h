/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Lists of functions as numerators over one common denominator: components of a tensor. Sums and
    products are then those of polynomials, and one greatest common divisor reduces a whole list.

    The functions are elements of an exact field. Where no generator occurs in them numerators are
    polynomials over Z in the coordinates; otherwise they are elements of the field, over 1.
*/

#ifndef CAUSTIC_FRACTIONS_H
#define CAUSTIC_FRACTIONS_H

#include <flint/mpoly.h>
#include "field/field_internal.h"

/* The ring of the numerators, and what was done in it. */
typedef struct
{
    gr_ctx_struct * field;
    slong variables;      /* derivatives are taken in so many first symbols of the field */
    int polynomial;
    gr_ctx_t polynomials; /* Z[x], if so */
    gr_ctx_struct * ring;
    double work;          /* term products so far; beyond a limit everything is GR_UNABLE */
    double work_limit;
    slong terms_limit;    /* of a factor */
    const char * reason;  /* why GR_UNABLE was returned first, or NULL */
}
numerators_struct;

typedef numerators_struct numerators_t[1];

/* For functions among the entries of these matrices and what rational operations and derivatives in the
   first `variables` symbols make of them. No generator may be added to the field in the meantime. */
void numerators_init(numerators_t ring, gr_ctx_t field, slong variables, const gr_mat_struct * const * matrices, slong length);
void numerators_clear(numerators_t ring);

/* res += a b, or -= with a negative sign. GR_UNABLE beyond a limit of terms or of work. */
int numerators_add_product(gr_ptr res, gr_srcptr a, gr_srcptr b, int sign, numerators_t ring) CAUSTIC_MUST_USE;

typedef struct
{
    slong length;
    gr_ptr numerator;
    gr_ptr denominator;   /* not the zero function */
}
fractions_struct;

typedef fractions_struct fractions_t[1];

void fractions_init(fractions_t f, slong length, numerators_t ring);
void fractions_clear(fractions_t f, numerators_t ring);
gr_ptr fractions_numerator(const fractions_t f, slong i, const numerators_t ring);

/* The entries of a matrix, row by row, from place `start` of the list on; to be called for all of the
   list, from its beginning. */
int fractions_set_matrix(fractions_t f, slong start, const gr_mat_t matrix, numerators_t ring) CAUSTIC_MUST_USE;
/* Entry i as an element of the field. */
int fractions_get(gr_ptr res, const fractions_t f, slong i, numerators_t ring) CAUSTIC_MUST_USE;
int fractions_get_matrix(gr_mat_t matrix, const fractions_t f, numerators_t ring) CAUSTIC_MUST_USE;

/* Cancels what the denominator has in common with all numerators. */
int fractions_reduce(fractions_t f, numerators_t ring) CAUSTIC_MUST_USE;
/* res = f + sign g for lists of the same length. res may be f or g. */
int fractions_add(fractions_t res, const fractions_t f, const fractions_t g, int sign, numerators_t ring) CAUSTIC_MUST_USE;
/* res = (1/c) f. res may be f. */
int fractions_divide_ui(fractions_t f, ulong c, numerators_t ring) CAUSTIC_MUST_USE;
/* res[i variables + k] = d_k f[i], reduced. */
int fractions_gradient(fractions_t res, const fractions_t f, numerators_t ring) CAUSTIC_MUST_USE;
/* res[o][i] = d_k f[o][k][i], summed over the variables, reduced. */
int fractions_divergence(fractions_t res, const fractions_t f, slong outer, slong inner, numerators_t ring) CAUSTIC_MUST_USE;
/* res.denominator = f.denominator g.denominator: what the numerators of products are over. */
int fractions_set_product_denominator(fractions_t res, const fractions_t f, const fractions_t g, numerators_t ring) CAUSTIC_MUST_USE;
/* res[o][b][n] = matrix[b][c] t[o][c][n], summed over c, all three up to d, and reduced. */
int fractions_contract(fractions_t res, const fractions_t matrix, const fractions_t t, slong d, slong outer, slong inner,
    numerators_t ring) CAUSTIC_MUST_USE;
/* Whether all entries are the zero function. */
truth_t fractions_is_zero(const fractions_t f, numerators_t ring) CAUSTIC_MUST_USE;

#endif
