/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    shock, private: the curvature h as a function that can be evaluated and reasoned about, the
    search for its infimum, and what the search hands over to the claims.
*/

#ifndef CAUSTIC_SHOCK_INTERNAL_H
#define CAUSTIC_SHOCK_INTERNAL_H

#include <flint/fmpz_poly.h>
#include <caustic/shock.h>
#include "growth.h"

/* The part of the line on which the infimum is taken: the box cut with the chart's domain. */
typedef struct
{
    fmpq_t lower;
    fmpq_t upper;
    int lower_infinite;
    int upper_infinite;
    int lower_included; /* whether the end point itself belongs to it */
    int upper_included;
}
region_struct;

/* Where and how small h gets: a place that may be a global minimiser. */
typedef enum
{
    PLACE_INTERIOR = 1, /* the only zero of h' in `zone`, h'' > 0 there */
    PLACE_END,          /* an end of the searched interval; if `zone` is set, h is strictly convex
                           there and the minimum over the zone is meant */
    PLACE_LIMIT         /* not a point: the limit of h at an open or infinite end */
}
place_kind;

typedef struct
{
    place_kind kind;
    int side;                 /* PLACE_END, PLACE_LIMIT: -1 lower, +1 upper */
    int included;             /* the point belongs to the region */
    int cut;                  /* an end of the searched core only, not of the region */
    int has_zone;
    int settled;              /* value and location are exact: no refinement needed */
    arb_t zone;
    arb_t convexity;          /* PLACE_INTERIOR found by the search: h''/2 > 0 on the zone */
    arb_t location;
    arb_t value;              /* encloses h there (for an end with a zone: the minimum over it) */
    caustic_expr point;       /* the place, where known exactly */
    caustic_expr point_value; /* h there, as a constant expression, where `point` is known */
    int algebraic;            /* h is rational and `location` isolates one root of `critical` */
}
place_struct;

/* A cell [k, k + 1]/2^level of the searched interval, mapped to [0, 1]. */
typedef struct
{
    fmpz_t k;
    slong level;
    arf_t lower; /* h >= lower on the cell */
}
cell_struct;

typedef struct
{
    const caustic_shock_problem * problem;
    region_struct region;
    caustic_tape * tape;          /* the cometric and the loss as functions of z */
    arb_ptr cometric_series;      /* work space of the evaluation, SERIES_LENGTH each */
    arb_ptr loss_series;

    /* exact side */
    gr_ctx_t field;
    int field_open;
    gr_ptr exact;                 /* h as an element; meaningful where has_exact */
    int has_exact;
    caustic_expr curvature;       /* h as an expression */
    caustic_expr slope;           /* h' */
    caustic_tape * simplified;    /* h as the field writes it; NULL where it cannot */
    int is_rational;              /* h = numerator/denominator over Q */
    fmpz_poly_t numerator;
    fmpz_poly_t denominator;
    fmpz_poly_t critical;         /* squarefree; its zeros in the open region are those of h' */

    /* search */
    fmpq_t core_lower;            /* the searched interval, finite */
    fmpq_t core_upper;
    fmpq_t core_width;
    int core_closed;              /* the core's ends belong to the region: a minimum on it is attained */
    place_struct * places;
    slong places_length;
    slong places_capacity;
    cell_struct * heap;           /* least lower bound first */
    slong heap_length;
    slong heap_capacity;
    arf_t ceiling;                /* inf h <= ceiling; starts at 0: only h < 0 matters */
    arf_t scale;                  /* of the values of h seen, to judge smallness */
    mag_t noise;                  /* largest radius of h at a point, at the current precision */
    slong cells;
    slong cell_limit;             /* the search stops there */
    caustic_expr period;          /* of h, where one period was searched; else CAUSTIC_NONE */

    /* what the answer rests on: floor <= inf h <= ceiling on the whole region */
    arf_t floor;
    int ties_proved;              /* the places that are left have provably the same value */
    slong precision;
    slong goal;                   /* relative accuracy wanted of inf h, in bits */
    caustic_text_t detail;
}
work_struct;

#define SERIES_LENGTH 12
#define SEARCH_PRECISION 64

/* work.c */
void work_init(work_struct * work, const caustic_shock_problem * problem);
void work_clear(work_struct * work);
place_struct * work_add_place(work_struct * work, place_kind kind);
void work_remove_place(work_struct * work, slong i);
void work_clear_search(work_struct * work);

/* curvature.c: h[i] = h^(i)/i! on the ball x for i <= order; order + 3 <= SERIES_LENGTH. */
void curvature_series(arb_ptr h, const work_struct * work, const arb_t x, slong order, slong prec);
/* From now on h is evaluated through the exact field's form of it. */
void curvature_simplify(work_struct * work);
/* Three Taylor coefficients of g and of l on x are finite and g > 0: then g is
   positive, and g and l are analytic, on all of x. */
int curvature_is_regular(arb_t cometric, const work_struct * work, const arb_t x, slong prec);

/* exact.c */
void exact_open(work_struct * work);
/* Whether the constant expression is zero. */
truth_t exact_is_zero(work_struct * work, caustic_expr constant);
/* Encloses a constant expression; 0 where it is not one. */
int exact_evaluate(arb_t res, const work_struct * work, caustic_expr constant, slong prec);
/* The place is a number known by a formula, and the minimum meant is taken there. */
int place_is_exact(const place_struct * place);
int place_is_attained(const place_struct * place);
int place_may_be_attained(const place_struct * place);
/* Value of e at z = point, as an expression. */
caustic_expr exact_at(work_struct * work, caustic_expr e, caustic_expr point);
/* Proves that the place is exactly `point`: 1 if it did (point and point_value are then set). */
int exact_settle_point(work_struct * work, place_struct * place, caustic_expr point, slong prec);
/* The simplest rational number of the ball. */
int exact_simplest(fmpq_t q, const arb_t x);
/* Tries the simplest numbers in the place's enclosure. */
int exact_identify(work_struct * work, place_struct * place, slong prec);
/* h - bound >= 0 on the open interval, by form. */
int exact_is_above(work_struct * work, caustic_expr e, const fmpq_t bound, const region_struct * interval);
/* Sign of e on the open interval (lower, upper) of the region, by form or by its real roots. */
caustic_sign exact_sign(work_struct * work, caustic_expr e, const region_struct * interval);

/* region.c */
void region_init(region_struct * region);
void region_clear(region_struct * region);
/* 0: empty. */
int region_set(region_struct * region, const caustic_interval_t box, const caustic_interval_t domain);
int region_is_finite(const region_struct * region);
int region_is_point(const region_struct * region);
/* A number inside. */
void region_inner_point(fmpq_t x, const region_struct * region);
/* 1: every number of the ball lies in it; -1: none does; 0: not certain. */
int region_contains(const region_struct * region, const arb_t x);
/* The same for a constant expression with its enclosure; a number is compared exactly. */
int region_contains_expr(const region_struct * region, const caustic_pool * pool, caustic_expr e, const arb_t x);

/* regularity.c: proves g > 0 and g, l analytic on the region, else says in the detail where that
   fails. *ends_regular: also at finite ends that do not belong to the region. */
int regularity_prove(int * ends_regular, work_struct * work);

/* rational.c: h = numerator/denominator over Q, decided by isolating the real zeros of h'. */
typedef enum
{
    RATIONAL_OK = 1,     /* the places are all candidates for the infimum */
    RATIONAL_PRECISION,  /* more bits are needed */
    RATIONAL_UNBOUNDED,  /* h -> -inf at an end */
    RATIONAL_TOO_LARGE   /* the degree is too high for this route */
}
rational_status;

void rational_prepare(work_struct * work);
rational_status rational_places(work_struct * work, slong prec);
/* Sign of a polynomial on the open interval where it has no zero there: +1, -1; else 0. */
int polynomial_sign(const fmpz_poly_t p, const region_struct * interval, slong prec);
/* The rest is for places with `algebraic` set. Whether p vanishes at the place. */
truth_t algebraic_is_zero(const work_struct * work, const place_struct * place, const fmpz_poly_t p, slong prec);
/* time h(place) + 1 = 0, point = place, h(a) = h(b). T_UNKNOWN where an expression is not algebraic. */
truth_t algebraic_claim(const work_struct * work, const place_struct * place, caustic_expr time, slong prec);
truth_t algebraic_point(const work_struct * work, const place_struct * place, caustic_expr point);
truth_t algebraic_same_value(const work_struct * work, const place_struct * a, const place_struct * b);

/* search.c */
typedef enum
{
    SEARCH_RESOLVED = 1, /* no cell is left: every possible minimiser is one of the places */
    SEARCH_NARROW,       /* cells are left, and inf h is known to the tolerance */
    SEARCH_STALLED,      /* cells have become too thin for the precision */
    SEARCH_LIMIT         /* box_limit reached */
}
search_status;

/* Starts on the closed interval [core_lower, core_upper]. */
void search_start(work_struct * work, int lower_cut, int upper_cut, int lower_included, int upper_included);
/* From now on only what lies at or below the bound matters, which is no less than the infimum over the region. */
void search_set_ceiling(work_struct * work, const arf_t bound);
search_status search_run(work_struct * work, slong tolerance_bits, slong order, slong prec);
/* Sharpens all places to prec and drops those that are certainly not minimal. */
void search_refine(work_struct * work, slong prec);
/* Encloses the infimum over the searched interval where it is negative. */
void search_bracket(arf_t lower, arf_t upper, const work_struct * work);
/* A minimum that is degenerate, in the cells that are left, at a simple rational number. */
int search_settle_degenerate(work_struct * work, slong prec);
void cell_ball(arb_t x, const work_struct * work, const fmpz_t lower, const fmpz_t upper, slong level, slong prec);
void fraction_ball(arb_t x, const work_struct * work, const fmpz_t k, slong level, slong prec);

/* periodic.c: whether the expressions have a common period by their form, as a constant expression and as a fraction
   that is not shorter. [SHOCK-17] */
int period_find(caustic_expr * period, fmpq_t length, work_struct * work, const caustic_expr * roots, slong roots_length);
/* Whether the region is infinite, or so many periods long that they are better not searched one by one. */
int period_is_worthwhile(const work_struct * work, const fmpq_t length);
/* The core becomes an interval of that length inside the open region, which is longer. */
void period_set_core(work_struct * work, const fmpq_t length);
/* The place, a constant, moved by whole periods into the open core; CAUSTIC_NONE where that is not certain. */
caustic_expr period_reduce(work_struct * work, caustic_expr place);

/* tail.c: h between a cut and an open or infinite end of the region. [SHOCK-16] */
typedef struct
{
    growth_domain domain;
    growth_t curvature;
    int has_limit;  /* h has a finite limit at the end */
    arb_t limit;
    caustic_expr limit_number; /* the limit, where it is rational, else CAUSTIC_NONE */
    growth_t above; /* h minus its limit */
}
tail_struct;

void tail_init(tail_struct * tail);
void tail_clear(tail_struct * tail);
/* From the cut of the core on, towards the end of that side. */
void tail_set(tail_struct * tail, work_struct * work, int side, slong prec);
/* Whether h > bound, h > its limit everywhere between cut and end. */
int tail_exceeds(const tail_struct * tail, const fmpq_t bound);
int tail_exceeds_limit(const tail_struct * tail);
/* h >= bound there; -inf where no bound is known. */
void tail_lower_bound(arf_t bound, const tail_struct * tail);
/* h -> -inf at the end. */
int tail_is_unbounded_below(const tail_struct * tail);

/* result.c */
/* A place for every coordinate; neither it nor the time is known any more. */
void result_make_room(caustic_shock_result_t result, slong dimension);
/* Whether 10^(1-digits) bounds the width relative to the size. */
int time_is_sharp(const arb_t time, slong digits);

/* claims.c */
/* PROVED: `sharp`, and c is as close to x as half a unit of the last digit; REFUTED: c is not in x. */
caustic_verdict compare_balls(const arb_t c, const arb_t x, slong digits, int sharp, slong prec);
void claims_decide(caustic_shock_result_t result, work_struct * work);

#endif
