/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    jet: truncated Taylor series in several variables with ball coefficients.

    The coefficient of h^alpha of the jet of f at x is (d^alpha f)(x)/alpha!. When the constant
    terms of the inputs are balls, the coefficients enclose those at every point of the balls.
*/

#ifndef CAUSTIC_JET_H
#define CAUSTIC_JET_H

#include <caustic/expression.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The shape: `variables` variables, all monomials of total degree <= order. */
typedef struct caustic_jet_shape caustic_jet_shape;

/* The shape, shared and immutable. variables >= 1, order >= 0. */
caustic_jet_shape * caustic_jet_shape_new(slong variables, slong order);
void caustic_jet_shape_free(caustic_jet_shape * shape);
slong caustic_jet_length(const caustic_jet_shape * shape);
slong caustic_jet_order(const caustic_jet_shape * shape);
slong caustic_jet_variables(const caustic_jet_shape * shape);
/* The index of a monomial of total degree <= order; exponents has one entry a variable. */
slong caustic_jet_index(const caustic_jet_shape * shape, const slong * exponents);
/* The exponents of the i-th monomial. */
const slong * caustic_jet_exponents(const caustic_jet_shape * shape, slong index);

/* A jet is a vector of caustic_jet_length balls, coefficient i belonging to monomial i; the
   constant term is coefficient 0. Outputs may alias inputs everywhere. */
void caustic_jet_constant(arb_ptr res, const arb_t value, const caustic_jet_shape * shape);
/* value + h_variable */
void caustic_jet_variable(arb_ptr res, const arb_t value, slong variable, const caustic_jet_shape * shape);
void caustic_jet_add(arb_ptr res, arb_srcptr a, arb_srcptr b, const caustic_jet_shape * shape, slong prec);
void caustic_jet_sub(arb_ptr res, arb_srcptr a, arb_srcptr b, const caustic_jet_shape * shape, slong prec);
void caustic_jet_mul(arb_ptr res, arb_srcptr a, arb_srcptr b, const caustic_jet_shape * shape, slong prec);
void caustic_jet_scalar_mul(arb_ptr res, arb_srcptr a, const arb_t c, const caustic_jet_shape * shape, slong prec);
void caustic_jet_inv(arb_ptr res, arb_srcptr a, const caustic_jet_shape * shape, slong prec);
void caustic_jet_power(arb_ptr res, arb_srcptr a, const fmpq_t exponent, const caustic_jet_shape * shape, slong prec);
/* op is one of the unary functions of expression.h. Undefined or not differentiable on the ball:
   all coefficients that are not certain become non-finite. */
void caustic_jet_function(arb_ptr res, caustic_op op, arb_srcptr a, const caustic_jet_shape * shape, slong prec);
/* Composition with a univariate Taylor series: res = sum_k series_k (a - a_0)^k, k <= order. */
void caustic_jet_compose_series(arb_ptr res, arb_srcptr series, arb_srcptr a, const caustic_jet_shape * shape, slong prec);
/* d/dh_variable: the coefficients of total degree `order` of the result become 0 +/- inf (not
   known from the truncation). */
void caustic_jet_derivative(arb_ptr res, arb_srcptr a, slong variable, const caustic_jet_shape * shape, slong prec);

/* Evaluates a tape on jets: in[i] and out[i] are jets. Encloses as caustic_tape_evaluate_arb. */
void caustic_tape_evaluate_jet(arb_ptr * out, const caustic_tape * tape, const arb_srcptr * in,
    const caustic_jet_shape * shape, slong prec);

/* The coefficients of the jets of the roots where symbols[k] is the jet with the coefficients in[k * length ...], as expressions [JET-2]:
   out[r * length + i] is coefficient i of roots[r], length = caustic_jet_length(shape). Other symbols are constants. No root may be
   CAUSTIC_NONE; coefficients that are nowhere defined are. */
void caustic_expr_jets(caustic_expr * out, caustic_pool * pool, const caustic_expr * roots, slong roots_length,
    const caustic_expr * symbols, const caustic_expr * in, slong symbols_length, const caustic_jet_shape * shape);

/* Evaluates a tape of one symbol on the univariate series centre + h, to `length` coefficients:
   out[i] has `length` balls. The fast path of one-dimensional work (FLINT's arb_poly series). */
void caustic_tape_evaluate_series(arb_ptr * out, const caustic_tape * tape, const arb_t centre,
    slong length, slong prec);

#ifdef __cplusplus
}
#endif

#endif
