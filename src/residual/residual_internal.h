/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_RESIDUAL_INTERNAL_H
#define CAUSTIC_RESIDUAL_INTERNAL_H

#include <caustic/residual.h>

/* Everything the checks share. */
typedef struct
{
    caustic_pool * pool;
    const caustic_reduction_struct * reduction;
    const caustic_residual_options * options;
    caustic_expr z;
    const caustic_interval_struct * domain;
    caustic_expr cometric;  /* g(z), as the reduction derived it */
    caustic_expr drift;     /* b(z) */
    caustic_expr loss;      /* l(z) */
    caustic_flattening_t flat;
    caustic_expr flat_loss; /* l(z(s)) */
    arf_t lower;            /* l >= lower on the whole line */
    caustic_tape * map;     /* roots s, s' in the symbol z */
    caustic_tape * equation;/* roots g, b in the symbol z */
    caustic_tape * value;   /* root l in the symbol z */
    caustic_line_struct * line; /* for the current viscosity */
    fmpq_t viscosity;       /* the current one */
    double nu;              /* about the same, to guide searches */
    int constant_loss;      /* l' = 0 identically, proved */
    int zero_drift;         /* b = 0 identically, proved */
    int zero_loss;          /* l = 0 identically, proved */
}
problem_struct;

typedef problem_struct problem_t[1];

/* The outcome of one check on the way. */
typedef struct
{
    caustic_verdict verdict;
    arb_t bound;
    caustic_text_t detail;
}
outcome_struct;

typedef outcome_struct outcome_t[1];

void outcome_init(outcome_t outcome);
void outcome_clear(outcome_t outcome);

/* Adds a check; the same reason for all four; the conjunction of all, in the end. */
void add_check(caustic_residual_result_t result, const char * name, const fmpq_t viscosity,
    const outcome_t outcome, const char * method);
void undecided(caustic_residual_result_t result, const fmpq_t viscosity, const char * why);
/* The same with another verdict: where the form is not that of the quotient. */
void refuse(caustic_residual_result_t result, const fmpq * viscosity, caustic_verdict verdict, const char * why);
void conclude_checks(caustic_residual_result_t result);

/* uniform.c: both residuals on the whole box [RESIDUAL-1]. */
void uniform_residuals(outcome_t hamilton_jacobi, outcome_t burgers, const problem_t problem);

/* points.c: both residuals at points, from jets; lowers the verdicts of the uniform checks where a
   point disagrees; and the altered equations. */
void point_residuals(outcome_t hamilton_jacobi, outcome_t burgers, caustic_residual_result_t result,
    const problem_t problem);

/* initial.c: the initial data, and the altered loss. */
void initial_data(outcome_t outcome, caustic_residual_result_t result, const problem_t problem);

/* parameters.c: the local entropy on parameter space. */
void parameter_space(outcome_t outcome, const char ** method, const problem_t problem);

/* Some rational points of box x time: corners, centre and others; point i of POINTS. */
#define POINTS 7
void sample_point(fmpq_t z, fmpq_t t, const caustic_residual_options * options, slong i);

/* The decimal digits of 1/tolerance, rounded up. */
slong tolerance_digits(const caustic_residual_options * options);

/* Which of phi, phi_zz (of the first coordinate) and phi_t is multiplied by 1 + 10^-25 after its enclosure was made, as if the bound of its
   error were too small; at every point, or at one corner of the box alone. */
typedef enum { PLANT_VALUE, PLANT_SECOND, PLANT_TIME } plant_place;

struct caustic_residual_plant
{
    plant_place place;
    int at_corner;
};

/* caustic_residual_plant or NULL; corner: whether the point is the corner. */
void plant_error(arb_t value, arb_t second, arb_t time, const caustic_residual_options * options, int corner);

/* As caustic_verify_1d, with the kernel's loss multiplied by a factor: a planted error for tests. */
void verify_1d_planted(caustic_residual_result_t result, const caustic_reduction_t reduction,
    caustic_expr given, const caustic_residual_options * options, const fmpq_t kernel_factor);

/* As caustic_verify_radial, with the kernel's loss multiplied by a factor: a planted error for tests. */
void verify_radial_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr given,
    const caustic_residual_options * options, const fmpq_t kernel_factor);

/* As caustic_verify_harmonic, with the harmonics changed after they were made: planted errors for tests. */
void verify_harmonic_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    caustic_expr given, const caustic_residual_options * options, void (* plant)(caustic_harmonics_struct * harmonics));

#endif
