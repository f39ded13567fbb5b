/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* Parameter spaces that are products of lines, punctured planes and punctured spaces, whose coordinates the group
   translates: their quotients are products of lines, circles and spheres. */

#ifndef CAUSTIC_PRODUCT_FORM_H
#define CAUSTIC_PRODUCT_FORM_H

#include "solution.h"

/* A factor of parameter space: a line (size 1), or R^n without 0, n = size >= 2, with the inverse metric
   (c^2 - k^2) w w^T + k^2 |w|^2 I, which is a line of w = exp(c x) times a sphere of radius 1/k. */
typedef struct
{
    slong size;
    slong * parameter;     /* which of the N */
    slong first;           /* its first translation coordinate: the line's; for n = 2 then the circle's */
    caustic_expr radial;   /* c */
    caustic_expr angular;  /* k */
    int turned;            /* n = 2: the angle is taken in (0, 2 pi) instead of (-pi, pi) */
    caustic_expr rate;     /* k^2 */
    caustic_expr * axis;   /* n > 2: a unit vector c and one across; the loss depends on |w| and c . w alone, proved */
    caustic_expr * across;
    caustic_expr angle;    /* from the axis: a fresh symbol */
}
factor_struct;

typedef struct
{
    caustic_pool * pool;
    const caustic_reduction_struct * reduction;
    slong parameters;      /* N */
    slong factors;
    factor_struct * factor;
    slong length;          /* X, the translation coordinates x of parameter space */
    slong dimension;       /* those of the quotient: X - k */
    slong circles, spheres;
    slong nonzeros, walls; /* expressions without zeros on parameter space; those of the stratum that the chart alone needs */
    caustic_expr * nonzero;
    caustic_expr * x;      /* X fresh symbols */
    caustic_expr * curve;  /* theta(x), N: the universal cover of parameter space, spheres left out */
    caustic_expr * place;  /* x(theta), X: one branch of each angle */
    caustic_expr * field;  /* the translations d/dx_b in theta, X x N: orthonormal */
    caustic_expr * basis;  /* (X - k) x X: orthonormal rows, orthogonal to the group's translations */
    caustic_text_t proof;  /* what was proved, in words */
}
product_form_struct;

typedef product_form_struct product_form_t[1];

/* Proves [HEAT-30] [HEAT-31], and of spheres [HEAT-35]. PROVED; REFUTED where the case's own map (one expression a flat coordinate, then one a sphere; or NULL) fails at a
   point; else UNDECIDED; with the reason. To be cleared in each case. */
caustic_verdict product_form_init(product_form_t form, caustic_text_t why, const caustic_reduction_struct * reduction,
    const caustic_expr * given, slong given_length);
void product_form_clear(product_form_t form);

/* The basis with its rows in another order and turned by a rational angle: as good, and another grid. */
void product_form_turn(product_form_t form);

/* For the box of the quotient's coordinates: takes each angle in a branch that is analytic on the box. 0 where there is none. */
int product_form_choose_branches(product_form_t form, const caustic_interval_struct * box);

/* s^A in the symbols of parameter space, `dimension` of them, and x = M^T s. */
void product_form_levels(caustic_expr * level, const product_form_t form);
/* c . w/|w| of the spheres, in the symbols of parameter space. */
void product_form_heights(caustic_expr * height, const product_form_t form);
/* The loss along the curve, in x and the angles of the spheres. */
caustic_expr product_form_loss(product_form_t form);
void product_form_lift(caustic_expr * x, const product_form_t form, const caustic_expr * s);

#endif
