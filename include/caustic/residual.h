/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    residual: verifies that the Hopf-Cole solution of the actual loss satisfies the derived equations,
    uniformly on a box of space and time, that it starts at the loss, that it is the one computed
    on parameter space, and that altered equations fail.
*/

#ifndef CAUSTIC_RESIDUAL_H
#define CAUSTIC_RESIDUAL_H

#include <caustic/heat.h>
#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An error that tests plant, to see that the checks find it. */
typedef struct caustic_residual_plant caustic_residual_plant;

/* What to verify. The pointers are borrowed. */
typedef struct
{
    slong viscosities;
    const fmpq * viscosity;                /* each > 0 */
    const caustic_interval_struct * box;   /* closed and bounded, in the quotient's coordinate */
    const caustic_interval_struct * time;  /* closed and bounded, lower > 0 */
    const fmpq * tolerance;                /* > 0 */
    slong precision_limit;                 /* bits; at most this precision is used */
    const caustic_residual_plant * plant;  /* NULL but for tests */
}
caustic_residual_options;

/* One check for one viscosity. */
typedef struct
{
    const char * name;       /* reduction, hamilton_jacobi_residual, burgers_residual, initial_data */
    caustic_verdict verdict;
    fmpq_t viscosity;
    arb_t bound;             /* an upper bound of what the check bounds; not finite where there is none */
    char * method;
    char * detail;
}
caustic_residual_check;

typedef struct
{
    caustic_verdict verdict; /* the conjunction of the checks; UNDECIDED without any */
    caustic_residual_check * entries;
    slong length;
    slong capacity;
    slong altered_tried;     /* altered equations, over all viscosities, not provably satisfied */
    slong altered_refuted;   /* those with a point where the ball of the residual excludes 0 */
    caustic_text_t altered;  /* each altered equation with its witness, or that none was found */
}
caustic_residual_result_struct;

typedef caustic_residual_result_struct caustic_residual_result_t[1];

void caustic_residual_result_init(caustic_residual_result_t result);
void caustic_residual_result_clear(caustic_residual_result_t result);

/* Runs the four checks and the altered equations of SPEC 1.5 for a one-dimensional quotient, for each
   viscosity. `given` is the normal form's map s(z), or CAUSTIC_NONE to find one.

   PROVED means: `hamilton_jacobi_residual`, `burgers_residual`: the absolute residual of
   u = -2 nu log phi is at most `bound` <= tolerance at every point of box x time [RESIDUAL-1];
   `initial_data`: |u(., tau) - l| <= `bound` on the box at the smallest tau tried, by a bound that
   tends to 0 with tau [RESIDUAL-4], and the computed u obeys it; `reduction`: every identity of the
   reduction is proved and the local entropy computed on parameter space agrees with that on the
   quotient to `bound` <= tolerance at several points of several orbits [RESIDUAL-5]. Without a
   proved flattening onto the whole line every check is UNDECIDED. */
void caustic_verify_1d(caustic_residual_result_t result, const caustic_reduction_t reduction,
    caustic_expr given, const caustic_residual_options * options);

/* The same for a loss -2 nu log p with a polynomial p, `density`, in the coordinates, on a quotient of any dimension
   whose operator has polynomial coefficients: options->box has one interval a coordinate. PROVED means: p, Lp, L^2 p, ...
   span a space of finite dimension that L maps into itself, exactly, so that both residuals vanish wherever phi > 0
   [RESIDUAL-8], and phi > 0 on the whole of box x time; jets that do not use the equation agree at points, and bound is
   the largest residual they allow there; initial data and parameter space as above. */
void caustic_verify_spectral(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr density,
    const caustic_residual_options * options);

/* The same for a quotient of any dimension d that is proved to be flat R^d [HEAT-15], through the d flat coordinates
   `given` (NULL: found here). The loss may tie at most three flat coordinates together at a time [RESIDUAL-10]. PROVED
   means what it means in one dimension, for each component of Burgers' equation [RESIDUAL-11]. */
void caustic_verify_euclidean(caustic_residual_result_t result, const caustic_reduction_t reduction,
    const caustic_expr * given, const caustic_residual_options * options);

/* The same for a quotient that is covered by R^d times spheres: parameter space is a product of lines, punctured planes and
   punctured spaces, and the group translates its flat coordinates, the angles of planes among them. Cylinders and tori of any dimension,
   and their products with spheres on which the loss is zonal; it may tie one sphere and two flat coordinates together at a time.
   kind is "cylinder" (some coordinates periodic), "torus" (all), "sphere" (some factor is one), "product" or NULL; `given` has `length`
   expressions, one a flat coordinate, each an isometric and harmonic function wherever it is defined, then one a sphere, the cosine
   of the angle that the loss depends on; or is NULL. PROVED means: the form is proved [HEAT-30] [HEAT-31] [HEAT-35], and the checks are those of
   the lifted loss, whose solution is the lift of that on the quotient [HEAT-32] [HEAT-34]. */
void caustic_verify_cover(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    const caustic_expr * given, slong length, const caustic_residual_options * options);

/* The same where the quotient is a circle (kind "torus"), or a unit sphere (kind "sphere") and the loss a function of one
   coordinate x of its ambient space; `given` is the map of the case: the length along the circle (CAUSTIC_NONE: none), or
   x. All of that is proved first [HEAT-20] [HEAT-26]; where it is not, every check is UNDECIDED, or REFUTED where the map
   fails at a point. PROVED means: both residuals are at most `bound` <= tolerance on the whole of box x time
   [RESIDUAL-20]; initial data [RESIDUAL-21] and parameter space [RESIDUAL-22] as above. */
void caustic_verify_harmonic(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    caustic_expr given, const caustic_residual_options * options);

/* The same where the quotient is a half line and its operator that of Bessel, L = d^2/dr^2 + ((n - 1)/r) d/dr, n >= 1, all of it
   proved [HEAT-55], in any chart; `given` is the map r(z), or CAUSTIC_NONE to find one. The loss may have kinks. PROVED means: both
   residuals are at most `bound` <= tolerance on the whole of box x time [RESIDUAL-51]; initial data [RESIDUAL-50] and parameter
   space [RESIDUAL-52] as above. For n < 2 the solution is the one that is reflected at r = 0. */
void caustic_verify_radial(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr given,
    const caustic_residual_options * options);

/* Whether that is the quotient's form, with n >= 2, in a chart that is found here. */
int caustic_is_radial(const caustic_reduction_t reduction);

/* For a loss -2 nu log p on a setting whose metric is not invariant: one check `reduction` a viscosity, REFUTED where the
   local entropy, computed on parameter space, differs between two points of one orbit, which are given; else
   UNDECIDED. The reduction must have its section and invariance proved. No check where it cannot be computed. */
void caustic_verify_orbits(caustic_residual_result_t result, const caustic_reduction_t reduction,
    const caustic_residual_options * options);

/* The same for a loss that depends on one flat coordinate of a quotient of any dimension, F o s with s = `map`. PROVED
   means, beside what caustic_verify_1d proves of F on the line: |d s|^2 = 1, L s = 0 and loss = F o s identically
   [RESIDUAL-30]. */
void caustic_verify_line(caustic_residual_result_t result, const caustic_reduction_t reduction, caustic_expr map,
    const caustic_residual_options * options);

#ifdef __cplusplus
}
#endif

#endif
