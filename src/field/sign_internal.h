/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Inside the signs: where the variables have their values, quadratic polynomials, and signs on what a
    stratum leaves of the box.
*/

#ifndef CAUSTIC_SIGN_INTERNAL_H
#define CAUSTIC_SIGN_INTERNAL_H

#include <flint/fmpq_mat.h>
#include "field_internal.h"

static inline int sign_is_strict(caustic_sign sign)
{
    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
}

/* The open interval that holds the values of a variable. */
const caustic_interval_struct * variable_range(slong variable, const caustic_field * field);
int whole_line(slong variable, const caustic_field * field);
/* Whether the value 0 is possible although the range is (0, inf): roots of functions not proved > 0. */
int closed_at_zero(slong variable, const caustic_field * field);

/* A polynomial of degree at most 2 in symbols of the whole line: p(x) = (1, x) form (1, x)^T. */
typedef struct
{
    slong length;    /* of the symbols x */
    slong * symbol;  /* their indices */
    fmpq_mat_t form; /* symmetric, length + 1 */
}
quadratic_struct;

typedef quadratic_struct quadratic_t[1];

/* 1 and the quadratic (to be cleared) if p is one; 0 otherwise. */
int quadratic_init(quadratic_t quadratic, const fmpz_mpoly_t p, const caustic_field * field);
void quadratic_clear(quadratic_t quadratic);
/* Complete: unknown only where both signs occur. [REDUCTION-5] */
caustic_sign quadratic_sign(const quadratic_t quadratic);
/* The zeros of a quadratic of one sign: symbols[k] = values[k] in the other symbols. The arrays have
   room for quadratic->length; returns how many there are. */
slong quadratic_zeros(caustic_expr * symbols, caustic_expr * values, const quadratic_t quadratic, gr_ctx_t ctx);

/* Whether a symmetric matrix is positive semidefinite. */
int is_semidefinite(const fmpq_mat_t given);

#define SQUARES_LENGTH 60 /* even terms */
#define SQUARES_TERMS 1000

/* A polynomial p = m form m^T, m the square roots of its even terms without their coefficients. */
typedef struct
{
    slong variables;
    slong length;
    ulong * exponents; /* of m, length x variables */
    fmpq_mat_t form;
}
squares_struct;

typedef squares_struct squares_t[1];

/* 1 and the squares (to be cleared) if each term that is not even is the product of exactly one pair. */
int squares_init(squares_t squares, const fmpz_mpoly_t p, const caustic_field * field);
void squares_clear(squares_t squares);
/* >= 0, <= 0 or unknown, wherever the variables are real. [REDUCTION-15] */
caustic_sign squares_sign(const squares_t squares);
/* A multiple of row `row` of form m^T: 0 where p is, if p has one sign. */
void squares_row(fmpz_mpoly_t res, const squares_t squares, slong row, const caustic_field * field);

/* The function on what the expressions leave of the box. [REDUCTION-4] */
caustic_sign field_sign_on(const field_element_struct * x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx);
int field_is_nonzero_on(const field_element_struct * x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx);

#endif
