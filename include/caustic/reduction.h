/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    reduction: from parameter space to the quotient. Given the action, the inverse metric, the
    invariants and a section, proves or refutes each identity on which the quotient's equations
    rest, and computes the cometric g, the drift b and the loss on the quotient.
*/

#ifndef CAUSTIC_REDUCTION_H
#define CAUSTIC_REDUCTION_H

#include <flint/fmpq_mat.h>
#include <caustic/field.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The mathematical setting of a case (N parameters, k generators, e elements, d coordinates). All
   expressions live in one pool; matrices are row-major. Constants are already replaced by their
   values. A preset fills the same structure as a written-out case. */
typedef struct
{
    caustic_pool * pool;
    slong parameters;                          /* N */
    caustic_expr * parameter;                  /* N symbols */
    caustic_interval_struct * parameter_domain;
    caustic_expr * inverse_metric;             /* N x N */
    slong generators;                          /* k */
    caustic_expr * generator;                  /* k x N: one vector field a row */
    slong elements;                            /* e */
    caustic_expr * element;                    /* e x N: images of the parameter list */
    slong coordinates;                         /* d */
    caustic_expr * coordinate;                 /* d symbols, other than the parameters unless the group is trivial */
    caustic_expr * invariant;                  /* d expressions in the parameters */
    caustic_interval_struct * coordinate_domain;
    int has_section;                           /* 0: no section in the field; what comes down is rewritten in the invariants */
    caustic_expr * section;                    /* N expressions in the coordinates; CAUSTIC_NONE without a section */
    slong strata;
    caustic_expr * stratum;                    /* expressions in the parameters, non-zero on the stratum */
    int stratum_of_charts;                     /* 1: where one of these vanishes, a chart of the quotient ends, or metric or
                                                  generators degenerate as well: they leave no other holes. Of presets. */
    slong copies;                              /* the network is a product of so many units like this one, modulo their
                                                  permutations; 1: this is the whole */
    slong spheres;                             /* round unit spheres that are factors of Theta, orthogonal to the rest, and that
                                                  the group leaves in place: factors of the quotient too [REDUCTION-8] */
    slong * sphere;                            /* their dimensions */
    caustic_expr * sphere_radius;              /* the parameters that are their radii in the polar coordinates of the network's own weights,
                                                  whose Euclidean metric is dr^2 + r^2 (the unit sphere's) */
    caustic_expr loss;                         /* in the coordinates or in the parameters; CAUSTIC_NONE without a loss */
    caustic_expr density;                      /* p, where the loss is -2 nu log p; CAUSTIC_NONE elsewhere */
    int loss_in_parameters;                    /* 1: the loss is written in the parameters */
}
caustic_setting_struct;

typedef caustic_setting_struct caustic_setting_t[1];

void caustic_setting_init(caustic_setting_t setting, caustic_pool * pool);
void caustic_setting_clear(caustic_setting_t setting);
/* Makes room: zeroed arrays for the four sizes (strata and spheres separately), one copy, a section.
   To be called once. */
void caustic_setting_allocate(caustic_setting_t setting, slong parameters, slong generators,
    slong elements, slong coordinates);

/* Writes out the network of `copies` units like this one: parameters and coordinates get the unit's
   number into their names (w of unit 3 is w3, w2 is w32, q11 is q3x11; coordinates z, z1, z2, ... are
   numbered through), the first unit's finite elements are joined by the transpositions of neighbouring
   units, which generate all permutations. The unit has no spheres and no loss. */
void caustic_setting_repeat(caustic_setting_t whole, const caustic_setting_t unit);

/* Monomial invariants of the torus action with the charges Q (k x N): a basis B (d x N) of the lattice
   of all integer exponents with Q B^T = 0, and an integer right inverse S (N x d), B S = 1, d = N - k.
   0 if the rank of Q is not k. */
int caustic_torus_lattice(fmpz_mat_t invariants, fmpz_mat_t section, const fmpq_mat_t charges) CAUSTIC_MUST_USE;

/* Fills invariants and section of a setting that has parameters, generators and N - k coordinates,
   where every generator is of the form sum_b q_b w_b d_b with rational q_b, independent. 0, and the
   setting as it was, where they are not. */
int caustic_setting_complete_torus(caustic_setting_t setting) CAUSTIC_MUST_USE;

typedef struct caustic_reduction_struct caustic_reduction_struct;

/* Independent units of one kind: the first one's setting and reduction stand for all. */
typedef struct
{
    slong copies;
    slong * coordinate;              /* copies x (coordinates of one): their indices in the whole */
    caustic_setting_struct * unit;
    caustic_reduction_struct * reduction;
}
caustic_factor_struct;

/* Above this dimension matrices of functions that are known by their structure are not written out. */
#define CAUSTIC_WRITTEN_OUT 40
/* Of products with a loss, where it is asked for. */
#define CAUSTIC_LOSS_WRITTEN_OUT 256

/* The reduction. `upstairs` is the field of functions on parameter space, `downstairs` that on
   the quotient. cometric (d x d), drift (d x 1) and loss are elements of `downstairs`, defined
   when `derived` and `written_out` are 1; derived alone says that they are known by their structure: a
   torus, or factors whose own are known. The reduction is proved when caustic_checks_verdict(checks)
   is. */
struct caustic_reduction_struct
{
    const caustic_setting_struct * setting;
    gr_ctx_t upstairs;
    gr_ctx_t downstairs;
    int derived;
    int written_out;
    int is_torus;                    /* g^{ij} = G_ij z_i z_j, b^i = G_ii z_i with constants G [REDUCTION-10] */
    fmpq_mat_t gram;                 /* G, where it is a torus and written out */
    slong factors;                   /* 0: not a product */
    caustic_factor_struct * factor;  /* the quotient is their product [REDUCTION-9] */
    slong coverings;                 /* finite elements that act on the quotient instead of keeping the invariants: the
                                        chart is a cover's [REDUCTION-14] */
    slong * covering_element;        /* which of the setting's */
    caustic_expr * covering;         /* coverings x d: z o s = tau(z), isometries that keep drift and loss where proved */
    gr_mat_t cometric;
    gr_mat_t drift;
    caustic_expr * cometric_expr; /* d x d */
    caustic_expr * drift_expr;    /* d */
    caustic_expr loss;            /* in the coordinates; CAUSTIC_NONE without one */
    caustic_expr density;         /* in the coordinates, where the loss is -2 nu log density; else CAUSTIC_NONE */
    caustic_checks_t checks;      /* invariance, section, isometry, projectability, metric, loss, dimension */
    slong assumptions_length;
    char ** assumptions;          /* what was not proved and the theory needs: freeness, properness, ... */
};

typedef caustic_reduction_struct caustic_reduction_t[1];

/* Runs every check of SPEC 1.2. The setting must outlive the reduction. */
void caustic_reduction_init(caustic_reduction_t reduction, const caustic_setting_t setting);
void caustic_reduction_clear(caustic_reduction_t reduction);

/* Writes out a derived product of more coordinates than CAUSTIC_WRITTEN_OUT; 0: it cannot be. */
int caustic_reduction_write_out(caustic_reduction_t reduction);
/* Whether the quotient may have holes inside its box: 0 if there is a section and every expression of the stratum
   is proved without zeros along it, on the whole box; 1 otherwise. A kernel of the whole line, and a
   characteristic, know nothing of holes. */
int caustic_reduction_is_punctured(const caustic_reduction_t reduction) CAUSTIC_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
