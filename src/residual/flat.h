/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* The solution on R^d in flat coordinates: a product over blocks of coordinates that the loss ties together. */

#ifndef CAUSTIC_FLAT_H
#define CAUSTIC_FLAT_H

#include "product_form.h"

/* Flat coordinates, and perhaps the height on one sphere, that the loss ties together; the loss is the sum over the blocks. */
typedef struct
{
    slong dimension;                     /* of the flat ones */
    int zonal;                           /* 1: then a sphere's */
    slong sphere;                        /* n of S^(n-1), and the rate of its Laplacian */
    fmpq rate;
    slong axis[CAUSTIC_SPACE_DIMENSION]; /* which of the d coordinates; the sphere's last */
    caustic_expr loss;                   /* in those; the sum of all is the loss */
    caustic_space_t space;               /* for the current viscosity, where `ready` */
    int ready;
    int pieced;                          /* one coordinate, and the loss has branches: */
    caustic_profile_struct * profile;    /* then its pieces */
}
block_struct;

/* A solution computed once. */
typedef struct
{
    slong prec;      /* 0: empty */
    int sharp;
    arb_ptr place;   /* variables + 1 */
    derivatives_t phi;
}
memory_struct;

#define MEMORIES 16

typedef struct
{
    caustic_pool * pool;
    slong dimension;          /* flat coordinates, then heights of spheres: the map has so many components */
    slong spheres;
    slong variables;          /* coordinates of the quotient; as many where there are no spheres */
    slong * sphere;           /* n of each, and its rate */
    fmpq * rate;
    int covered;              /* 1: the flat coordinates are those of a universal cover, and map is one branch of its inverse */
    caustic_chart_t chart;
    caustic_expr loss;        /* in the flat coordinates */
    slong blocks;
    block_struct * block;
    caustic_tape * map;       /* s^A(z), then the heights x, in the quotient's coordinates */
    caustic_tape * slopes;    /* d_j s^A, dimension x variables */
    const fmpq * viscosity;   /* the current one */
    double nu;
    memory_struct * memory;   /* MEMORIES of them; the heat of a point is computed once */
}
flat_struct;

typedef flat_struct flat_t[1];

/* flat.c */

/* The chart of a d-dimensional space with this cometric and drift, and the loss (in the coordinates) in it, split into
   blocks: all mixed second derivatives between blocks vanish, proved [RESIDUAL-10]. Returns 0 with the reason. To be
   cleared in each case. */
int flat_init(flat_t flat, caustic_text_t why, caustic_pool * pool, const caustic_expr * coordinate,
    const caustic_interval_struct * domain, slong dimension, const caustic_expr * cometric, const caustic_expr * drift,
    const caustic_expr * given, caustic_expr loss, const char * name);

/* The same where R^d, perhaps times spheres, covers the quotient, whose form is proved; the box chooses the branch
   of the map [HEAT-32]. The loss is multiplied by the factor. */
int flat_init_cover(flat_t flat, caustic_text_t why, product_form_t form, const caustic_interval_struct * box, caustic_expr factor);

/* The cover of parameter space itself along the group: the loss as a function of the d levels. */
int flat_init_levels(flat_t flat, caustic_text_t why, product_form_t form, const caustic_expr * level_symbol);
void flat_clear(flat_t flat);

/* Makes the blocks ready for the viscosity. Returns 0 with the reason. */
int flat_set_viscosity(flat_t flat, caustic_text_t why, const fmpq * viscosity);

/* Encloses phi and its derivatives in the coordinates and in t at (z, t), with an error of about 10^-digits relative to phi,
   with `sharp` also of the derivatives; not finite where that did not succeed. */
void flat_derivatives(derivatives_t phi, const flat_t flat, arb_srcptr z, const arb_t t, int sharp, slong digits, slong prec);
/* The entropy u at (z, t) alone, as well. */
void flat_entropy(arb_t u, const flat_t flat, arb_srcptr z, const arb_t t, slong digits, slong prec);

/* s and x at z. */
void flat_place(arb_ptr s, const flat_t flat, arb_srcptr z, slong prec);

/* Cell n of `count`, so many pieces a side; the cells cover the box. flat_pieces is a number of pieces that is quick to run through. */
void flat_cell(arb_ptr z, slong n, slong pieces, const caustic_interval_struct * box, slong d);
slong flat_pieces(slong * count, slong d);

/* The image of the box in s, d balls; 0 where it is not bounded. */
int flat_image(arb_ptr s, const flat_t flat, const caustic_interval_struct * box);

/* kinks.c: where the loss has kinks, as far as the kernels reached: "; the loss has kinks at z = 1, z = [2.718 +/- ...]". */
void flat_write_kinks(caustic_text_t out, const flat_t flat, const caustic_expr * coordinate);

/* covering.c: both residuals on the whole box [RESIDUAL-11]. */
void cover_residuals(outcome_t hamilton_jacobi, outcome_t burgers, const flat_t flat, const caustic_residual_options * options);

/* limit.c: the initial data and the altered loss [RESIDUAL-13]. */
void flat_initial_data(outcome_t outcome, caustic_residual_result_t result, const solution_t solution, const flat_t flat);

/* upstairs.c: the local entropy on parameter space [RESIDUAL-12]; `form` is that of a cover [RESIDUAL-14], or NULL. */
void flat_parameter_space(outcome_t outcome, const char ** method, const solution_t solution, const flat_t flat,
    const product_form_struct * form);

#endif
