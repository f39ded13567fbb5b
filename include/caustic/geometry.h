/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    geometry: the Riemannian geometry of a derived quotient, exactly: metric, Christoffel symbols,
    curvature, and the weight one-form by which L differs from the Laplace-Beltrami operator.
*/

#ifndef CAUSTIC_GEOMETRY_H
#define CAUSTIC_GEOMETRY_H

#include <caustic/field.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All entries are elements of ctx, functions of the d coordinates. Index conventions:
   R^l_{kij} = d_i Gamma^l_{jk} - d_j Gamma^l_{ik} + Gamma^l_{im} Gamma^m_{jk} - Gamma^l_{jm} Gamma^m_{ik},
   Ric_{kj} = R^i_{kij}, so that spheres have positive curvature. */
typedef struct
{
    gr_ctx_struct * ctx;
    slong dimension;
    int status;              /* GR_SUCCESS, or what kept the rest from being computed */
    const char * reason;     /* in words, where status is not GR_SUCCESS; else NULL */
    gr_mat_t metric;         /* g_{ij} */
    gr_mat_t * christoffel;  /* d matrices: [k](i, j) = Gamma^k_{ij} */
    gr_mat_t ricci;          /* Ric_{ij} */
    gr_mat_t scalar;         /* 1 x 1 */
    gr_mat_t weight;         /* d x 1: W_i = g_{ij} (b^j - b_LB^j) */
    truth_t weight_closed;   /* d W = 0 */
    truth_t flat;            /* the whole curvature tensor vanishes */
    truth_t constant_curvature; /* R_{abcd} = kappa (g_{ac} g_{bd} - g_{ad} g_{bc}) with a constant kappa: */
    gr_mat_t curvature;      /* 1 x 1: kappa, where that is T_TRUE; 0 on a line */
}
caustic_geometry_struct;

typedef caustic_geometry_struct caustic_geometry_t[1];

/* The geometry of the cometric g^{ij} (d x d, symmetric, certified non-degenerate here) with the
   drift b^i (d x 1) of L = g^{ij} d_i d_j + b^i d_i; the first d symbols of ctx are the coordinates. ctx must
   outlive it. On failure `status` says
   GR_DOMAIN (degenerate) or GR_UNABLE (a zero test stayed open, or the terms became too many: what is
   done is counted and bounded), `reason` says it in words, the truths are T_UNKNOWN and the matrices
   are zero. */
void caustic_geometry_init(caustic_geometry_t geometry, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx);
void caustic_geometry_clear(caustic_geometry_t geometry);

/* Whether the curvature tensor of the cometric is parallel, nabla R = 0: flat spaces, those of constant curvature, their
   products and all other symmetric ones, locally. T_UNKNOWN where the field could not decide or the terms became too
   many. Arguments as above. [GEOMETRY-6] */
truth_t caustic_geometry_parallel_curvature(const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* The same, and the tensor itself: riemann is d^2 x d^2, and its entry (l d + k, i d + j) becomes R^{lkij}, all indices raised, where
   the answer is T_TRUE or T_FALSE. */
truth_t caustic_geometry_curvature_tensor(gr_mat_t riemann, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx)
    CAUSTIC_MUST_USE;

/* Whether the curvature is nowhere positive at a rational point (one number a symbol of ctx): R^{lkij} w_lk w_ij <= 0 for all bivectors w, for a
   tensor of caustic_geometry_curvature_tensor; then no sectional curvature is positive there. Where the curvature is parallel, that holds on every
   connected set around the point on which the cometric is smooth and positive definite. T_FALSE: it is positive for some w, which for a parallel
   curvature means that some sectional curvature is. T_UNKNOWN: the field could not decide. [GEOMETRY-7] */
truth_t caustic_geometry_is_nonpositive(const gr_mat_t riemann, const fmpq * point, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* The same at all points of the box of ctx at which the components are defined, parallel or not: then no sectional curvature is positive there. 1: proved; 0 says
   nothing. [FOCAL-18] */
int caustic_geometry_is_nowhere_positive(const gr_mat_t riemann, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* The covariant Hessian of a function with both indices raised, d x d expressions, by the cometric (d x d) alone:
   P^ij = 1/2 (g^ia d_a v^j + g^ja d_a v^i - v^a d_a g^ij), v^i = g^ij d_j f. [HESSIAN-1] */
void caustic_geometry_raised_hessian(caustic_expr * res, caustic_pool * pool, const caustic_expr * coordinate, slong d,
    const caustic_expr * cometric, caustic_expr function);
/* sum_k a[k] b[k] */
caustic_expr caustic_contract(caustic_pool * pool, const caustic_expr * a, const caustic_expr * b, slong length);

/* The determinant of a square matrix over ctx, without a division of one numerator by another: for matrices
   whose inverse is out of reach. GR_SUCCESS or GR_UNABLE (too many terms: what is done is counted and bounded). */
int caustic_geometry_determinant(gr_ptr res, const gr_mat_t matrix, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* The weight as a function: W = 1/2 log det <xi_a, xi_b> on a section, < , > the metric whose inverse is given
   (N x N), the xi_a the generators (k x N, one a row), all expressions in the N parameters; the section has
   N expressions in the coordinates. Sets *potential to W, or to CAUSTIC_NONE where it is beyond the field.
   T_TRUE: dW is the weight one-form of the geometry, in the exact field. T_FALSE: it is not, as for groups that are
   not unimodular. T_UNKNOWN: neither, or no potential or geometry. [GEOMETRY-5] */
truth_t caustic_geometry_weight_potential(caustic_expr * potential, const caustic_geometry_t geometry,
    slong parameters, const caustic_expr * parameter, const caustic_expr * inverse_metric,
    slong generators, const caustic_expr * generator, const caustic_expr * section) CAUSTIC_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
