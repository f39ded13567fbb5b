/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    heat: normal forms of the quotient's operator L and certified solutions of phi_t = nu L phi.

    On the flat line with coordinate s, phi(s,t) = (4 pi nu t)^(-1/2) int exp(-(s-y)^2/(4 nu t)) f(y) dy,
    f = exp(-l/(2 nu)), is written phi = S + E: S a finite sum of kernels, an exact solution, and E
    bounded on complex polydiscs by the residue theorem and Gaussian tails.
*/

#ifndef CAUSTIC_HEAT_H
#define CAUSTIC_HEAT_H

#include <caustic/field.h>
#include <caustic/jet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A one-dimensional flattening: s(z) with g s'^2 = 1, its inverse z(s), both proved. */
typedef struct
{
    caustic_expr z;       /* the coordinate's symbol */
    caustic_expr s;       /* the flat coordinate's symbol (a fresh name) */
    caustic_expr map;     /* s(z) */
    caustic_expr inverse; /* z(s); CAUSTIC_NONE where none is elementary */
    int onto;             /* 1: s maps the domain onto the whole line, proved */
    int driftless;        /* 1: L s = 0, proved */
    caustic_checks_t checks; /* isometry, drift, onto, inverse; each with its verdict */
}
caustic_flattening_struct;

typedef caustic_flattening_struct caustic_flattening_t[1];

void caustic_flattening_init(caustic_flattening_t flattening);
void caustic_flattening_clear(caustic_flattening_t flattening);

/* Finds s = int dz/sqrt(g) where it is elementary (g a constant times a power of an affine
   function, a quadratic, a squared quadratic), or takes `given` if that is not CAUSTIC_NONE, and
   proves what it claims in the exact field. cometric and drift are expressions in z, domain that
   of z. Returns CAUSTIC_OK (then the checks say what holds) or CAUSTIC_UNSUPPORTED (no elementary
   map found; the checks say so). */
caustic_result caustic_flatten(caustic_flattening_t result, caustic_pool * pool, caustic_expr z,
    const caustic_interval_t domain, caustic_expr cometric, caustic_expr drift, caustic_expr given);

#ifdef __cplusplus
}
#endif

#endif
