/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* What a normal form offers, in any dimension: the solution phi of the heat equation at points. */

#ifndef CAUSTIC_SOLUTION_H
#define CAUSTIC_SOLUTION_H

#include "residual_internal.h"
#include "system.h"

typedef struct solution_struct solution_struct;

struct solution_struct
{
    const caustic_reduction_struct * reduction;
    const caustic_residual_options * options;
    slong dimension;
    const fmpq * viscosity;   /* the current one */
    int constant;             /* phi is a constant, proved: every altered equation is satisfied */
    const void * data;        /* the normal form's own */
    /* Encloses phi and its derivatives at (z, t), those in t not by the equation; not finite where it cannot. */
    void (* derivatives)(derivatives_t phi, const solution_struct * solution, arb_srcptr z, const fmpq_t t, slong prec);
    system_t equations;       /* the rest is set by solution_init */
    caustic_expr * ricci;     /* d x d, or NULL: not known */
    int has_drift, has_curvature;
};

typedef solution_struct solution_t[1];

/* Writes the equations of the reduction, which must be written out. equations->tape is NULL where they could not be. */
void solution_init(solution_t solution, const caustic_reduction_struct * reduction, const caustic_residual_options * options);
void solution_clear(solution_t solution);

/* Rational points of box x time: centre, two corners, two irregular ones; d numbers and the time. */
#define SOLUTION_POINTS 5
void point_of_box(fmpq * z, fmpq_t t, const solution_t solution, slong i);
/* "z1 = 1/2, z2 = 3, t = 1/10" */
void write_point(caustic_text_t out, const solution_t solution, const fmpq * z, const fmpq_t t);

/* Lowers verdicts where the ball of a residual at a point excludes 0 (REFUTED) or is not below the tolerance (UNDECIDED);
   raises the bounds to the largest residual that the balls allow. */
void judge_points(outcome_t hamilton_jacobi, outcome_t burgers, const solution_t solution, slong prec);
/* Counts the altered equations that the case does not provably satisfy, and those that a point refutes. */
void try_alterations(caustic_residual_result_t result, const solution_t solution);

/* Judges |u(., tau) - l| at points against outcome->bound, a bound on the whole box that tends to 0 with tau: sets the verdict, and
   counts the loss times 1 + 1e-6 among the altered equations. */
void compare_initial_data(outcome_t outcome, caustic_residual_result_t result, const solution_t solution, const fmpq_t tau,
    slong prec);
void power_of_ten(fmpq_t res, slong exponent);

/* kinks.c: appends where the pieces of the profile meet, in the coordinate that `inverse` gives, and in which the loss is written; some
   were written before. Returns how many are now. */
slong write_kinks(caustic_text_t out, slong written, const caustic_profile_struct * profile, caustic_expr coordinate,
    caustic_expr inverse, caustic_expr loss);

/* compose.c: a map s(z) and its d, d^2, d^3 derivatives as one program; NULL where it depends on something else. */
caustic_tape * tape_of_map(caustic_expr map, const caustic_setting_struct * setting);
/* The derivatives of phi = Phi(s(z), t) by the chain rule: value has those of Phi by s up to the third, Phi_t and its derivative by s;
   s is what that program gives. */
void compose_derivatives(derivatives_t phi, arb_srcptr value, arb_srcptr s, slong prec);

/* lipschitz.c: [RESIDUAL-50] |u(., tau) - l| on the box for |l(x) - l(y)| <= slope |x - y| + jump on its neighbourhood of the
   radius, in `dimension` coordinates, or for the Bessel operator of at most so many; growth bounds 2 nu times the exponent outside of the neighbourhood. An upper
   end; not finite where there is no bound. */
void lipschitz_bound(arb_t res, const arb_t slope, const arb_t jump, const arb_t growth, slong dimension, double radius,
    const fmpq_t viscosity, const fmpq_t tau);

/* The trivial quotient of parameter space: its cometric is A, its drift Delta_A theta. */
void trivial_setting(caustic_setting_t trivial, const caustic_setting_struct * setting);
/* A rational point of Theta: small numbers inside each domain, different for each i. */
void point_of_parameters(fmpq * theta, const caustic_setting_struct * setting, slong i);

/* Whether the box is a bounded part of the coordinates' domains, and the times are bounded and positive. */
int box_is_bounded(const caustic_residual_options * options, const caustic_setting_struct * setting);

#endif
