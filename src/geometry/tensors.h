/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The tensors of a cometric as numerators over one denominator each. Indices are kept raised as long as
    possible: with a polynomial cometric the Christoffel symbols with raised indices are polynomials, and
    each contraction with the metric brings in its denominator once. [GEOMETRY-1]
*/

#ifndef CAUSTIC_TENSORS_H
#define CAUSTIC_TENSORS_H

#include <caustic/geometry.h>
#include "geometry/fractions.h"

typedef struct
{
    numerators_t ring;
    slong d;
    fractions_t cometric; /* [i][j]: g^{ij} */
    fractions_t drift;    /* [i]: b^i */
    fractions_t metric;   /* [i][j]: g_{ij} */
    fractions_t slope;    /* [j][k][i]: d^i g^{jk} = g^{ia} d_a g^{jk} */
    fractions_t raised;   /* [k][i][j]: 2 Gamma^{k,ij}, over the denominator of slope */
    fractions_t mixed;    /* [k][i][j]: 2 Gamma^{k,i}_j */
    fractions_t riemann;  /* [l<k][i<j]: R^{lkij}, the second pair up to the first */
    fractions_t ricci;    /* [i][j]: Ric_{ij} */
    fractions_t scalar;
}
tensors_struct;

typedef tensors_struct tensors_t[1];

/* The inverse of a symmetric matrix over a field of functions, and its determinant. GR_DOMAIN: it has none. */
int invert_symmetric(gr_mat_t res, gr_ptr determinant, const gr_mat_t matrix, const char ** reason, gr_ctx_t ctx)
    CAUSTIC_MUST_USE;

void tensors_init(tensors_t tensors, const gr_mat_t cometric, const gr_mat_t drift, gr_ctx_t ctx);
void tensors_clear(tensors_t tensors);
/* Everything above, from cometric and drift and the metric; where not GR_SUCCESS tensors->ring->reason says why. */
int tensors_compute(tensors_t tensors, const gr_mat_t cometric, const gr_mat_t drift, const gr_mat_t metric) CAUSTIC_MUST_USE;
/* Whether R^{lkij} = S/(d(d-1)) (g^{li} g^{kj} - g^{lj} g^{ki}) with S the scalar curvature, and S constant. [GEOMETRY-4] */
int tensors_constant_curvature(truth_t * answer, tensors_t tensors) CAUSTIC_MUST_USE;
/* d(d - 1)/2: the pairs l < k < d. */
static inline slong
pairs_of(slong d)
{
    return d * (d - 1) / 2;
}

/* d^2 x d^2: the entry (l d + k, i d + j) is R^{lkij}. */
int tensors_get_riemann(gr_mat_t res, tensors_t tensors) CAUSTIC_MUST_USE;
/* Whether nabla R = 0: the space is locally symmetric. [GEOMETRY-6] */
int tensors_parallel_curvature(truth_t * answer, tensors_t tensors) CAUSTIC_MUST_USE;

#endif
