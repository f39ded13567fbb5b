/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* What the questions of an audit share. */

#ifndef CAUSTIC_AUDIT_INTERNAL_H
#define CAUSTIC_AUDIT_INTERNAL_H

#include <caustic/audit.h>

typedef struct
{
    caustic_audit_struct * audit;
    const caustic_reduction_struct * reduction;
    const caustic_setting_struct * setting;
    gr_ctx_t ctx;                /* functions on parameter space: a field of its own, with room for work */
    gr_ctx_t below;              /* functions on the quotient */
    slong parameters, coordinates, generators;
    slong size;                  /* coordinates and spheres */
    int section_proved;          /* there is a section, and it is proved to be one */
    int is_own;                  /* A_0 is the case's own metric */
    caustic_expr * metric_expr;  /* A_0, N x N */
    gr_mat_t metric;
    gr_mat_t lowered;            /* A_0^(-1) */
    gr_mat_t jacobian;           /* dz, d x N */
    gr_mat_t force;              /* F_0, size x size: on a sphere that is a factor it is a multiple of the round cometric, 1/r^2 */
    caustic_expr * force_expr;
    gr_mat_t charge_slope;       /* dQ, m x N */
    int projects;                /* 1: F_0 is a function of z; -1: it is not; -2: of z on a covering chart, but a finite
                                    element does not carry it to itself; 0: open */
    int elements_keep_force;     /* every finite element is proved to carry F_0 to itself */
    int is_constant_diagonal;    /* A_0 is diagonal with positive rational entries */
}
audit_work_struct;

typedef audit_work_struct audit_work_t[1];

/* The value of e with the parameters replaced by rational numbers; 0 if it is not a rational number. */
int rational_value(fmpq_t res, caustic_expr e, const fmpq * theta, const audit_work_t work);
/* Rational point i of parameter space, small numbers; 0 if it is outside the domains or on the stratum's zeros. */
int small_point(fmpq * theta, const audit_work_t work, slong i);
int is_in_theta(const fmpq * theta, const audit_work_t work);

/* Whether a function on parameter space is one of the invariants: T_TRUE, and `down` is it in the coordinates; T_FALSE. */
truth_t comes_down(caustic_expr * down, gr_srcptr x, const audit_work_t work);

/* product.c: of a product of units, each by itself, in the Euclidean metric or the case's own (any metric that is not NULL). 0 where the
   case is not taken apart. */
int audit_product(caustic_audit_t audit, const caustic_reduction_t reduction, const caustic_expr * optimiser_metric);

/* drift.c: does F_0 project, and is the geometry that of the quotient? */
void audit_drift(audit_work_t work);
/* drift.c: D_k tau^i after the invariants, d x d, tau = pi o s o sigma the action of finite element s on the chart; a status of FLINT. */
int read_action(gr_mat_t slope, slong s, const audit_work_t work);
/* drift.c: whether K_c is a constant multiple of the quotient's cometric on every leaf; the reason is appended. */
truth_t same_on_leaves(caustic_text_t detail, const audit_work_t work);
/* drift.c, after all others: is K_c the quotient's cometric on every leaf, up to a constant? */
void audit_leaf_geometry(const audit_work_t work);
/* g^{ij} of the quotient, 1 for spheres: in the coordinates. CAUSTIC_NONE where it is not written out. */
caustic_expr quotient_entry(const audit_work_t work, slong i, slong j);
/* charges.c: the charges, and that there are no more conserved quantities. */
void audit_charges(audit_work_t work);
/* A symbol that the case does not use for a parameter or a coordinate: the base with the number, where that is positive, or else
   the longer name. */
caustic_expr audit_symbol(const audit_work_t work, const char * base, const char * longer, slong number);

/* torus.c: K_c where the charges are sums of squares, explicitly or implicitly. */
void audit_torus(audit_work_t work);
void implicit_clear(caustic_audit_implicit * leaf);
/* mirror.c: two points with the same invariants and charges and different F_0, which differ in signs: audit->mirror. */
void audit_mirror(const audit_work_t work);
/* factors.c: of products of two matrices of parameters, the leaves on which K descends. */
void audit_factors(const audit_work_t work);
/* leaf.c: is F_0 a function of the invariants and the charges? */
void audit_leaf(audit_work_t work);
/* noise.c: isotropic and minibatch noise, weight decay, momentum. */
void audit_noise(audit_work_t work);

#endif
