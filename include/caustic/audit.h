/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    audit: does training, gradient descent in the optimiser's metric A_0, project to a gradient field on the
    quotient? Everywhere, on the leaves of conserved charges, or not at all: each with a proof or an exact
    rational witness.
*/

#ifndef CAUSTIC_AUDIT_H
#define CAUSTIC_AUDIT_H

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
    slong length;          /* N */
    fmpq * point;          /* N numbers */
    fmpq * other;          /* N numbers: the second point, or the direction */
    fmpq_t value;          /* F_0^{ij} at the point */
    fmpq_t other_value;    /* at the second point, or the derivative along the direction */
}
caustic_audit_witness;

typedef struct
{
    caustic_audit_verdict verdict;
    caustic_checks_t checks;       /* drift, same_geometry, leaves, leaf_cometric, isotropic_noise, minibatch_noise,
                                      weight_decay, momentum */
    slong conserved;               /* independent functions that gradient flow of every invariant loss conserves; -1: not known */
    slong charges;
    caustic_expr * charge;         /* in the parameters; of one unit, where the setting has copies */
    caustic_expr * cometric;       /* K, d x d, in the coordinates, where the drift projects; else NULL */
    caustic_expr * leaf_cometric;  /* K_c, d x d, in the coordinates and c, where it is explicit; else NULL */
    caustic_audit_witness witness;
}
caustic_audit_struct;

typedef caustic_audit_struct caustic_audit_t[1];

/* Audits a reduction whose invariance and section are proved, for the inverse metric A_0 of the optimiser (N x N
   expressions in the parameters; NULL: Euclidean). Verdicts of the checks say whether the statement of that name holds. */
void caustic_audit_init(caustic_audit_t audit, const caustic_reduction_t reduction, const caustic_expr * optimiser_metric);
void caustic_audit_clear(caustic_audit_t audit);

#ifdef __cplusplus
}
#endif

#endif
