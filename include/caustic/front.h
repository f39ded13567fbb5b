/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    front: around and after the shock on a flat line, u_t + u_s^2/2 = nu u_ss, v = u_s, in the flat
    coordinate s. Without viscosity u(s,t) = min_y l(y) + (s - y)^2/(2 t) (Lax and Oleinik), which is
    written with psi(y) = t l(y) + y^2/2: u = (s^2/2 + min_y psi(y) - s y)/t.
*/

#ifndef CAUSTIC_FRONT_H
#define CAUSTIC_FRONT_H

#include <caustic/heat.h>
#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Initial data on the whole line. Immutable once made. */
typedef struct
{
    caustic_pool * pool;
    caustic_flattening_t flat;
    caustic_expr loss;   /* l as a function of flat->s */
    caustic_tape * tape; /* the same, one root, one symbol */
    caustic_tape * map;  /* s(z) */
    arf_t lower;         /* l >= lower on the line, proved */
    caustic_expr period; /* of l, where the quotient is a circle of this length, unrolled; CAUSTIC_NONE on a line */
}
caustic_front_struct;

typedef caustic_front_struct caustic_front_t[1];

/* Returns CAUSTIC_OK, or CAUSTIC_UNSUPPORTED with the reason appended to why: the quotient is not proved to be
   a flat line, nor a circle with a trigonometric polynomial [FRONT-12], or no lower bound of the loss was found. To be cleared in each case. */
caustic_result caustic_front_init(caustic_front_t front, caustic_text_t why, const caustic_reduction_t reduction) CAUSTIC_MUST_USE;
void caustic_front_clear(caustic_front_t front);

/* Without viscosity ****************************************************************************/

/* Encloses u(s, t), and where exactly one y is proved to be the minimiser, the foot, also v = (s - foot)/t [FRONT-1]; else these
   two are not finite. Returns CAUSTIC_OK (one foot), CAUSTIC_NO_RESOURCES (not separated within prec). t > 0. */
caustic_result caustic_front_solution(arb_t u, arb_t v, arb_t foot, const caustic_front_t front, const arb_t s, const arb_t t,
    slong prec) CAUSTIC_MUST_USE;

/* A shock: at `position` the characteristics from left < right arrive together, and all between have ended in it. */
typedef struct
{
    arb_t left;       /* the feet */
    arb_t right;
    arb_t position;
    arb_t v_left;     /* v on both sides; v_left > v_right, proved: Lax's condition */
    arb_t v_right;
    arb_t speed;      /* ds/dt, by differentiating the equations of the two feet; it meets (v_left + v_right)/2, proved [FRONT-3] */
}
caustic_front_shock;

typedef struct
{
    arb_t t;
    caustic_front_shock * shock; /* from left to right */
    slong length;
}
caustic_front_shocks_struct;

typedef caustic_front_shocks_struct caustic_front_shocks_t[1];

void caustic_front_shocks_init(caustic_front_shocks_t shocks);
void caustic_front_shocks_clear(caustic_front_shocks_t shocks);

/* All shocks with feet between lower and upper at every time of the ball t > 0, each enclosed for all these times at once, to about
   `digits` digits where t is a number. CAUSTIC_OK: these are all, and the points of [lower, upper] that lie under none are feet of a
   smooth solution on the whole line [FRONT-2]. CAUSTIC_NO_RESOURCES with the reason appended to why. */
caustic_result caustic_front_shocks_at(caustic_front_shocks_t shocks, caustic_text_t why, const caustic_front_t front,
    const arb_t lower, const arb_t upper, const arb_t t, slong digits) CAUSTIC_MUST_USE;

/* Numbers left <= lower and upper <= right, at most `reach` away, that are feet at the time t as far as samples tell: ends for the search above
   where lower and upper lie under shocks. Proves nothing. */
void caustic_front_guess_feet(arb_t left, arb_t right, const caustic_front_t front, const arb_t lower, const arb_t upper, const arb_t reach,
    const arb_t t);
/* Drops the shocks whose feet lie certainly all below lower, or all above upper; on a circle also what is there a second time. */
void caustic_front_shocks_keep(caustic_front_shocks_t shocks, const caustic_front_t front, const arb_t lower, const arb_t upper);

/* Where and when a shock begins: at the time t = -1/l''(foot) at `position`; right after it the jump of v is growth sqrt(time - t)
   (1 + o(1)), growth = 2 sqrt(6/k)/t^2, k = l''''(foot) > 0 [FRONT-9]. */
typedef struct
{
    arb_t t;
    arb_t position;
    arb_t foot;
    arb_t growth;
    arb_t signature; /* the limit of sqrt(nu) |v_s(position, t)| as nu -> 0 [FRONT-5] */
}
caustic_front_birth;

typedef struct
{
    caustic_front_birth * birth; /* by feet, from left to right */
    slong length;
    int complete;                /* 1: proved to be all that begin at feet in [lower, upper] before `last` */
}
caustic_front_births_struct;

typedef caustic_front_births_struct caustic_front_births_t[1];

void caustic_front_births_init(caustic_front_births_t births);
void caustic_front_births_clear(caustic_front_births_t births);
/* Births before `last` at feet in [lower, upper], each proved, to about `digits` digits. CAUSTIC_OK: these are all. CAUSTIC_NO_RESOURCES: there may be
   others, such as at a degenerate minimum (k = 0), at a time or under a shock that was not decided, or at the ends. */
caustic_result caustic_front_births(caustic_front_births_t births, const caustic_front_t front, const arb_t lower, const arb_t upper,
    const arb_t last, slong digits) CAUSTIC_MUST_USE;

/* What the viscous solution at position + 4 nu x/(v_left - v_right) tends to as nu -> 0: m - (v_left - v_right)/2 tanh(x - x_0), m the mean of
   v_left and v_right, x_0 = log(psi''(right)/psi''(left))/4 [FRONT-11]. The shock is one at the time t. */
void caustic_front_profile(arb_t limit, const caustic_front_t front, const arb_t t, const caustic_front_shock * shock, const arb_t x, slong prec);

/* The time and the place at which neighbouring shocks of `before` merge, the one under left and the next one, if that is
   proved to happen [FRONT-4]: feet are the three feet. */
typedef struct
{
    arb_t t;
    arb_t position;
    arb_struct foot[3];
}
caustic_front_merger_struct;

typedef caustic_front_merger_struct caustic_front_merger_t[1];

void caustic_front_merger_init(caustic_front_merger_t merger);
void caustic_front_merger_clear(caustic_front_merger_t merger);
/* The shocks k and k + 1 of `before`, at a time near the merger. The same returns as above. */
caustic_result caustic_front_merge(caustic_front_merger_t merger, caustic_text_t why, const caustic_front_t front,
    const caustic_front_shocks_t before, slong k, slong digits) CAUSTIC_MUST_USE;

/* With viscosity *******************************************************************************/

/* The limit of sqrt(nu) |v_s(s*, T*)| as nu -> 0 [FRONT-5]: sqrt(12/k) Gamma(3/4)/(Gamma(1/4) T*^2), k = l''''(foot) > 0 the fourth derivative
   where l'' has its least value -1/T*, and s* = foot + T* l'(foot). l''' = 0 at `foot` must be known where it lies inside of
   [lower, upper], which is proved here, and that no other y of the whole line reaches s* at T*. Returns CAUSTIC_OK or CAUSTIC_UNSUPPORTED with the reason. */
caustic_result caustic_front_signature_limit(arb_t limit, arb_t position, caustic_text_t why, const caustic_front_t front,
    const arb_t lower, const arb_t upper, const arb_t foot, const arb_t time, slong prec) CAUSTIC_MUST_USE;

/* Encloses u, v and v_s of the viscous solution at (s, t), t > 0, to about `digits` digits: however small the viscosity where one foot (a ball about
   it is given) has all but 10^-digits of the mass [FRONT-7], elsewhere by caustic_local_entropy_1d. Returns CAUSTIC_OK (three finite balls) or
   CAUSTIC_NO_RESOURCES (three balls that are not). */
caustic_result caustic_front_viscous(arb_ptr res, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits) CAUSTIC_MUST_USE;

/* Encloses sqrt(nu) |v_s(s, t)|. Same returns. */
caustic_result caustic_front_signature(arb_t value, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits) CAUSTIC_MUST_USE;

typedef enum
{
    CAUSTIC_FRONT_LOCAL,    /* a strict local maximum of -v_s; nothing is known of other places and times */
    CAUSTIC_FRONT_STEEPEST, /* -v_s is less at all others, t > 0, but at periodic and mirrored images */
    CAUSTIC_FRONT_GLOBAL    /* |v_s| is */
}
caustic_front_scope;

/* Where and when the viscous solution is steepest: a strict local maximum of -v_s over all places and times, proved, each number to about
   `digits` digits: up from the strongest shock, or from (s, t) where none is found and these are finite [FRONT-8]. Then the scope says whether it is the greatest
   value [FRONT-14]; if it is not global, why may say what is lacking. Returns CAUSTIC_OK or CAUSTIC_NO_RESOURCES with the reason appended to why
   (three balls that are not finite). */
caustic_result caustic_front_steepest(arb_t value, arb_t position, arb_t time, caustic_front_scope * scope, caustic_text_t why,
    const caustic_front_t front, const arb_t s, const arb_t t, const fmpq_t viscosity, slong digits) CAUSTIC_MUST_USE;

/* Numbers with |u_viscous - u| <= rate_u nu [FRONT-6] and |v_viscous - v| <= rate_v nu [FRONT-10] at (s, t), for every viscosity in
   (0, largest], where u and v are those without viscosity; (s, t) must have one foot with psi'' > 0. Returns CAUSTIC_OK or CAUSTIC_NO_RESOURCES. */
caustic_result caustic_front_rate(arb_t rate_u, arb_t rate_v, const caustic_front_t front, const arb_t s, const arb_t t,
    const fmpq_t largest, slong prec) CAUSTIC_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
