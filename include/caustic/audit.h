/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    audit: does training, gradient descent in the optimiser's metric A_0, project to a gradient field on the
    quotient? Everywhere, on the leaves of conserved charges, or not at all: each with a proof or an exact
    rational witness.
*/

#ifndef CAUSTIC_AUDIT_H
#define CAUSTIC_AUDIT_H

#include <flint/fmpz_mat.h>
#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum
{
    CAUSTIC_AUDIT_HOLDS = 1,       /* F_0 = dz A_0 dz^T is a function of z: the drift is -K dl */
    CAUSTIC_AUDIT_HOLDS_ON_LEAVES, /* it is one of z and the charges */
    CAUSTIC_AUDIT_FAILS,           /* neither, with a witness */
    CAUSTIC_AUDIT_UNDECIDED
}
caustic_audit_verdict;

/* "HOLDS", "HOLDS_ON_LEAVES", "FAILS", "UNDECIDED". */
const char * caustic_audit_verdict_name(caustic_audit_verdict verdict);

/* Why F_0 is not a function: two points with the same invariants (and charges) and different values of entry (i, j); or,
   with a direction in place of the second point, a vector along which invariants and charges do not change to first
   order and the entry does, at a point where their differentials are independent. */
typedef struct
{
    int present;           /* 0: none, 1: two points of one orbit, 2: a direction */
    slong i, j;
    slong length;          /* N, of the unit where the case is a product */
    const caustic_setting_struct * setting; /* whose parameters they are; NULL: those of the case */
    fmpq * point;          /* N numbers */
    fmpq * other;          /* N numbers: the second point, or the direction */
    fmpq_t value;          /* F_0^{ij} at the point */
    fmpq_t other_value;    /* at the second point, or the derivative along the direction */
}
caustic_audit_witness;

/* K_c on a leaf, implicitly [AUDIT-8]: X_b = theta_b^2 are affine in the charges' values and the unknowns, which are the positive
   solutions, with all X_b positive, of left = right; there is at most one. */
typedef struct
{
    slong unknowns;          /* 0: there is no such description */
    slong equations;
    slong parameters;
    caustic_expr * unknown;  /* x, or x1, x2, ... */
    slong * free;            /* the parameters whose squares the unknowns are */
    caustic_expr * square;   /* the X_b, N */
    caustic_expr * left;
    caustic_expr * right;
    caustic_expr * cometric; /* K_c, size x size, in the coordinates, charges and unknowns */
    fmpz_mat_t exponent;     /* d x N: the invariants are multiples of prod_b theta_b^(exponent_ib) */
}
caustic_audit_implicit;

typedef struct
{
    caustic_audit_verdict verdict;
    caustic_checks_t checks;       /* drift, same_geometry, leaves, leaf_cometric, isotropic_noise, minibatch_noise,
                                      weight_decay, momentum */
    int leaves_are_local;          /* F_0 is a function of z on leaves near almost every point; that it is one on whole leaves is not said */
    caustic_expr scale;            /* K over the quotient's cometric where that is a proved constant; else CAUSTIC_NONE */
    slong conserved;               /* independent functions that gradient flow of every invariant loss conserves; -1: not known */
    slong charges;
    caustic_expr * charge;         /* in the parameters; of one unit, where the setting has copies */
    caustic_expr * charge_symbol;  /* the names of their values: c, or c1, c2, ... */
    slong size;                    /* d and the spheres that are factors: on these K is a multiple of the round cometric */
    caustic_expr * cometric;       /* K, size x size, in the coordinates, where the drift projects; else NULL */
    caustic_expr * leaf_cometric;  /* K_c, d x d, in the coordinates and the charges' values, where it is explicit; else NULL */
    caustic_audit_implicit implicit;
    caustic_expr * isotropic_cometric; /* K_c on the leaves U^T U - V^T V = c I of products M = U V^T, d x d, in the entries x11, x12, ...
                                      of X and y11, ... of Y [AUDIT-15]; else NULL */
    caustic_audit_witness mirror;  /* where F_0 fails on leaves: two points with the same invariants and charges, and different F_0; or none */
    caustic_audit_witness witness;
}
caustic_audit_struct;

typedef caustic_audit_struct caustic_audit_t[1];

/* Audits a reduction whose invariance and section are proved, for the inverse metric A_0 of the optimiser (N x N
   expressions in the parameters; NULL: Euclidean). Verdicts of the checks say whether the statement of that name holds. */
void caustic_audit_init(caustic_audit_t audit, const caustic_reduction_t reduction, const caustic_expr * optimiser_metric);
/* Only the charges and the number of conserved functions, with the check `leaves`; nothing of the case's own metric is used. The setting must
   outlive the audit. */
void caustic_audit_conserved_init(caustic_audit_t audit, const caustic_setting_t setting, const caustic_expr * optimiser_metric);
void caustic_audit_clear(caustic_audit_t audit);

/* A leaf of one coordinate whose K_c is implicit, in the coordinate v that is one of the parameters, the one with the smallest square: the flow of
   gradient descent along the leaf has the cometric `cometric` in v, and there z = z(v), increasing or decreasing. Both formulas go on to v on the
   other side of 0, where that parameter, and all that vanish with it, have changed their signs. [AUDIT-17] */
typedef struct
{
    slong parameter;
    caustic_expr z;
    caustic_expr cometric;
}
caustic_leaf_chart;

/* For rational values of the charges and a monomial z with positive exponents; 0: it is not like that. */
int caustic_audit_leaf_chart(caustic_leaf_chart * chart, const caustic_audit_t audit, const caustic_setting_t setting, const caustic_expr * values);

#ifdef __cplusplus
}
#endif

#endif
