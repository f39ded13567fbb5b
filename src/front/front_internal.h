/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    front, private: psi(y) = t l(y) + y^2/2 and what is proved of it on intervals; the viscous solution's densities.
*/

#ifndef CAUSTIC_FRONT_INTERNAL_H
#define CAUSTIC_FRONT_INTERNAL_H

#include <caustic/front.h>

/* The Taylor coefficients of psi on the ball y, for every t of its ball. */
void psi_series(arb_ptr res, const caustic_front_t front, const arb_t t, const arb_t y, slong length, slong prec);

/* Walks over [lower, upper] in cells from left to right: one that `settle` says 1 of is done and the next twice as long, else it is
   halved. 1: every point lies in a closed cell that was settled; 0: more than `limit` calls, or cells too thin. */
int walk_cells(const arf_t lower, const arf_t upper, slong prec, slong limit, int (* settle)(void * data, const arf_t, const arf_t), void * data);

/* psi minus the line through (foot, value) with the given slope. */
typedef struct
{
    const caustic_front_struct * front;
    arb_srcptr t;
    arb_srcptr foot;
    arb_srcptr value;
    arb_srcptr slope;
    int tangent; /* 1: value = psi(foot) and slope = psi'(foot), whatever foot and t of their balls, so that they need not be used */
}
excess_struct;

/* Whether psi is above the line at every y of [lower, upper], psi'' > 0 there: proved if 1. */
int excess_is_positive(const excess_struct * excess, const arf_t lower, const arf_t upper, slong prec);
int psi_is_convex(const caustic_front_t front, const arb_t t, const arf_t lower, const arf_t upper, slong prec);

/* The line touches psi at `foot`, where psi'' > 0 (proved here): whether psi is nowhere below it, between foot and `end` (either side). */
int excess_is_nonnegative(const excess_struct * excess, const arf_t end, slong prec);
/* The same from foot to infinity, to the left (side -1) or right (1). */
int excess_is_nonnegative_beyond(const excess_struct * excess, int side, slong prec);

/* Beyond the distance `radius` from `slope` psi is above the line, by the lower bound of the loss. */
void excess_radius(arf_t radius, const excess_struct * excess, slong prec);

/* circle.c: where the quotient is proved to be a circle, and the loss a trigonometric polynomial on it, its flat coordinate, of which the angle is a
   multiple, and the loss as a function of that on the whole line, periodic [FRONT-12]. 0 with the reason appended to why. */
int unroll_circle(caustic_front_t front, caustic_text_t why, const caustic_reduction_t reduction, caustic_expr loss);

/* viscous.c: where l''' = 0 and t = -1/l'' at the foot, that it is the only one of its place at that time, on the whole line: proved if 1. */
int is_first_to_arrive(const caustic_front_t front, const arb_t t, const arb_t foot, slong prec);
/* The signature's limit from T and l_4 = l''''/24 [FRONT-5]. */
void signature_constant(arb_t limit, const arb_t fourth, const arb_t time, slong prec);

/* laplace.c: caustic_front_viscous where one foot has the mass. */
caustic_result laplace_solution(arb_ptr res, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits) CAUSTIC_MUST_USE;

/* moments.c: the densities e^(-H(x)/(2 nu)), H(x) = l(origin + x) + theta x^2/2 - rho x, on one grid of x [FRONT-13]. */
typedef struct
{
    const caustic_front_struct * front;
    arb_t nu;
    arf_t origin;
    arb_t square;     /* an exact number near x^2 where the mass is: exponents are those of z = x^2 - square */
    double nats;      /* accuracy aimed at */
    slong prec;
    arb_t reach;      /* R = (nodes + 1/2) step */
    arf_t step;
    slong nodes;
    arb_t height;     /* l is holomorphic on |Re x| <= R, |Im x| <= height, and Re l'' <= bend there */
    arb_t bend;
    caustic_tape * derivatives; /* l, l', l'' */
    arb_ptr loss;     /* l/(2 nu) at the nodes */
    double * guess;
    slong blocks;     /* of nodes; for each l/(2 nu) and its derivative at the middle, half the second one on all of it */
    arb_ptr block;
    arb_struct end[2]; /* l at the ends -R, R */
}
family_struct;

typedef family_struct family_t[1];

void family_init(family_t family);
void family_clear(family_t family);
/* A grid on |x| <= about reach, for values near theta, all positive. 0: no strip was found on which l is holomorphic, or too many nodes. */
int family_set(family_t family, const caustic_front_t front, const fmpq_t viscosity, double origin, double square, double reach,
    double theta, double nats);
/* The Taylor coefficients of v_s in (rho, theta), of total order up to `order`, for all points of the balls, theta > 0: that of
   (d rho)^p (d theta)^q at family_entry(order, p, q). 1: all are finite. */
int family_slope(arb_ptr w, const family_t family, const arb_t rho, const arb_t theta, slong order);
slong family_entry(slong order, slong p, slong q);
/* The Hessian of v_s in (rho, theta) is positive definite on x, proved if 1. */
int family_is_convex(const family_t family, arb_srcptr x);

/* landscape.c: what is known of the loss on the whole line. */
typedef struct
{
    int periodic;
    arb_t period;
    int core;            /* l'' >= -slack for y <= lower and for y >= upper, proved */
    double slack;
    double lower;        /* of the core, or of one period */
    double upper;
    int symmetric;       /* l(2 centre - y) = l(y), proved */
    arb_t centre;
    arb_t oscillation;   /* sup l - inf l is at most this; infinite where no bound is known, as the following ones */
    arb_t bend_least;    /* <= inf l'' */
    arb_t bend_most;     /* >= sup l'' */
}
landscape_struct;

void landscape_init(landscape_struct * landscape);
void landscape_clear(landscape_struct * landscape);
/* 0: the loss neither repeats by its form nor is l'' bounded below by about 0 outside of some interval; or it has kinks. */
int landscape_find(landscape_struct * landscape, const caustic_front_t front);
/* Another core, for this slack. */
int landscape_find_core(landscape_struct * landscape, const caustic_front_t front, double slack);
/* About the simplest number within 1/1000 of the guess. */
int landscape_find_symmetry(landscape_struct * landscape, const caustic_front_t front, double guess);

/* Where v_s is least: H of family_t, and (rho, theta) there. */
typedef struct
{
    double origin;
    double square;
    double reach;
    arb_struct at[2];   /* rho and theta */
    arb_t least;        /* v_s there */
}
steepest_struct;

void steepest_init(steepest_struct * steepest);
void steepest_clear(steepest_struct * steepest);
/* slope.c: a strict local maximum of -v_s up from (rho, theta), with `square` about x^2 at the feet; the origin may be changed a little. Proved if 1. */
int steepest_near(steepest_struct * res, const caustic_front_t front, double origin, double square, double rho, double theta,
    const fmpq_t viscosity, slong digits);

/* peak.c: whether v_s is greater than at `steepest` at all other places and all times > 0 (but at periodic and mirrored images): proved if 1. */
int is_least_slope(caustic_text_t why, const caustic_front_t front, landscape_struct * landscape, const steepest_struct * steepest, const fmpq_t viscosity);

#endif
