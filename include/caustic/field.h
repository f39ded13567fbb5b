/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    field: exact functions on a box. A generic ring of FLINT (gr_ctx_t) whose elements are rational
    functions over Q in the box's coordinates and in further generators (roots, exponentials,
    logarithms, ...), each with its relation and its derivations. FLINT's generic matrices and
    polynomials work on it.

    An element is a function on the box, analytic on it outside a closed set without interior.
    T_TRUE and T_FALSE of the predicates are about that function, never about the representation:
    "zero" is proved by reduction to 0, "not zero" by a point where a ball excludes 0, and
    everything else is T_UNKNOWN. Division needs a divisor that is certified not identically zero.
*/

#ifndef CAUSTIC_FIELD_H
#define CAUSTIC_FIELD_H

#include <flint/gr.h>
#include <flint/gr_mat.h>
#include <caustic/expression.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes ctx the field of functions of the given symbols on the open box that is the product of
   the domains. The pool must outlive the field. More generators are added when an expression needs
   them; elements made before stay valid. Not safe to use from two threads at once.
   Cleared with gr_ctx_clear. */
void caustic_field_ctx_init(gr_ctx_t ctx, caustic_pool * pool, const caustic_expr * symbols,
    const caustic_interval_struct * domains, slong length);

/* The function that an expression defines. Returns GR_SUCCESS; GR_DOMAIN where the expression is
   nowhere defined (a division by a function proved zero); GR_UNABLE where a rule is missing or a
   zero test stayed open (for instance abs of an argument whose sign is not certain on the box, unless
   kinks are allowed). */
int caustic_field_set_expr(gr_ptr res, caustic_expr e, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Allows abs, relu and their derivatives to have arguments of both signs from now on, or not (as at first). They are
   then made of |x| = sqrt(x^2), from which what is certified positive comes out. Elements are still functions,
   and what is proved of them holds wherever they are defined; but derivatives know nothing of the kinks, so this is for
   identities between values: that a loss is invariant. */
void caustic_field_allow_kinks(gr_ctx_t ctx, int allow);

/* An expression for the element: numerator over denominator, in lowest terms. */
caustic_expr caustic_field_get_expr(gr_srcptr x, gr_ctx_t ctx);
/* e in lowest terms as a function of one symbol on its domain; CAUSTIC_NONE where the field does not know it. */
caustic_expr caustic_lowest_terms(caustic_pool * pool, caustic_expr e, caustic_expr symbol, const caustic_interval_t domain);

/* A shorter expression for e, equal to it as an element of the field: what is algebraic below a function
   or a power is reduced and roots of squares are taken, where that makes it shorter. Sums and squares
   stay as they are written, since much can be read off them (that a loss is >= 0). e itself where
   nothing became shorter. */
caustic_expr caustic_field_shorten(caustic_expr e, gr_ctx_t ctx);

/* d/d symbols[k]. Returns GR_SUCCESS or GR_UNABLE. */
int caustic_field_derivative(gr_ptr res, gr_srcptr x, slong k, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* An exact point of the box and what was found there. */
typedef struct
{
    fmpq * point; /* one entry a symbol */
    slong length;
    arb_t value;  /* does not contain 0 */
}
caustic_witness_struct;
typedef caustic_witness_struct caustic_witness_t[1];

void caustic_witness_init(caustic_witness_t witness, slong length);
void caustic_witness_clear(caustic_witness_t witness);
/* "a = 1, w = 2: value 5 (not 0)": names from the field's symbols, the value to a few digits. */
void caustic_witness_print(caustic_text_t out, const caustic_witness_t witness, gr_ctx_t ctx);

/* The zero test. T_TRUE: identically zero on the box. T_FALSE: the witness (if not NULL) holds a
   point of the box where the value is certified non-zero. T_UNKNOWN: neither. */
truth_t caustic_field_is_zero(gr_srcptr x, caustic_witness_t witness, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* The sign on the whole box, proved by the form of the function (signs of coefficients after the
   box has been mapped to the positive orthant, even powers, factors). */
typedef enum
{
    CAUSTIC_SIGN_UNKNOWN = 1,
    CAUSTIC_SIGN_ZERO,
    CAUSTIC_SIGN_POSITIVE,     /* > 0 everywhere on the open box */
    CAUSTIC_SIGN_NEGATIVE,
    CAUSTIC_SIGN_NONNEGATIVE,
    CAUSTIC_SIGN_NONPOSITIVE
}
caustic_sign;

caustic_sign caustic_field_sign(gr_srcptr x, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* The sign at every point of the box where the `length` expressions `nonzero` are defined and not 0 (a
   stratum), as far as x itself is defined there. [REDUCTION-4] */
caustic_sign caustic_field_sign_on(gr_srcptr x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx);

/* Whether x is proved to be defined and not 0 at all those points. */
int caustic_field_is_nonzero_on(gr_srcptr x, const caustic_expr * nonzero, slong length, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Writes a symmetric n x n matrix as factor^T diag(weights) factor: weights r x 1, positive rational
   numbers; factor r x n, entries 0 or a rational number times a product of powers. 1 if found, and then
   the equality is proved and both matrices are initialised here; 0 otherwise. [REDUCTION-6] */
int caustic_field_gram(gr_mat_t factor, gr_mat_t weights, const gr_mat_t matrix, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Whether a symmetric matrix over ctx is positive semidefinite at a rational point, one number a symbol, in or on the box: by elimination
   with exact numbers, whose zeros are proved by algebra. T_FALSE: it has a negative direction there. T_UNKNOWN: an entry is not
   certainly defined at the point, or a number could not be told from 0. [FIELD-13] */
truth_t caustic_field_is_semidefinite_at(const gr_mat_t form, const fmpq * point, gr_ctx_t ctx) CAUSTIC_MUST_USE;
/* Whether it is proved to be so at every point of the open box at which its entries are defined: by elimination with pivots whose signs are proved on the whole box.
   0 says nothing. [FIELD-14] */
int caustic_field_is_semidefinite(const gr_mat_t form, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Whether e is defined and analytic at every point of the open box, operation by operation: the field
   forgets what cancels. The `length` expressions `nonzero` are taken to have no zeros (a stratum).
   T_TRUE: proved. T_FALSE: some operation is undefined at some point of the box; with `punctured`, or
   with a stratum, zeros of denominators are never held against e. T_UNKNOWN: neither.
   Unless the answer is T_TRUE the reason is appended to why. */
truth_t caustic_field_is_smooth(caustic_text_t why, caustic_expr e, const caustic_expr * nonzero, slong length,
    int punctured, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Looks for a point of the box where the value is certified negative (want < 0) or positive
   (want > 0). 1 if found, 0 if not (which proves nothing). */
int caustic_field_find_sign(caustic_witness_t witness, gr_srcptr x, int want, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Encloses the value at a point of the box. Not finite where a denominator may vanish. */
void caustic_field_evaluate_arb(arb_t res, gr_srcptr x, arb_srcptr point, slong prec, gr_ctx_t ctx);

/* Whether x is a constant rational number, and which. T_UNKNOWN where a generator is in the way. */
truth_t caustic_field_get_fmpq(fmpq_t value, gr_srcptr x, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* If x is a rational function of one symbol alone with no further generators, sets numerator and
   denominator (coprime, positive leading denominator) and returns 1. */
int caustic_field_get_fmpz_poly_q(fmpz_poly_t numerator, fmpz_poly_t denominator, gr_srcptr x,
    slong symbol, gr_ctx_t ctx);

slong caustic_field_symbols(gr_ctx_t ctx);
caustic_expr caustic_field_symbol(slong k, gr_ctx_t ctx);
caustic_pool * caustic_field_pool(gr_ctx_t ctx);

#ifdef __cplusplus
}
#endif

#endif
