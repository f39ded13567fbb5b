/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    uniform: sup |residual| on the whole box, from phi = S + E alone: S solves the heat equation
    exactly, E is bounded on complex polydiscs, and phi is bounded below.
*/

#include <math.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "residual_internal.h"

#define BOUND_PREC 64
#define CELL_LIMIT 64
#define FINE_PIECES 64
#define FINEST_CELLS 512
#define ATTEMPTS 4
#define PIECES 8
#define BOX_BUDGET 300000
/* phi^-1 may be as large as exp of this. */
#define NATS_LIMIT 1e9

/* What a cell lacked. */
typedef enum
{
    LACKS_NOTHING,
    LACKS_LOWER_BOUND,
    LACKS_SIZE,
    LACKS_STRIP,
    LACKS_ACCURACY
}
lack;

/* A part [s0, s1] x [t0, t1] of the box. */
typedef struct
{
    arf_t s0, s1, t0, t1;
}
cell_struct;

static void
cell_init(cell_struct * cell)
{
    arf_init(cell->s0);
    arf_init(cell->s1);
    arf_init(cell->t0);
    arf_init(cell->t1);
}

static void
cell_clear(cell_struct * cell)
{
    arf_clear(cell->s0);
    arf_clear(cell->s1);
    arf_clear(cell->t0);
    arf_clear(cell->t1);
}

static void
cell_set(cell_struct * res, const cell_struct * cell)
{
    arf_set(res->s0, cell->s0);
    arf_set(res->s1, cell->s1);
    arf_set(res->t0, cell->t0);
    arf_set(res->t1, cell->t1);
}

/* The box in (s, t): s is monotone, so its range lies between its values at the ends. */
static void
whole_cell(cell_struct * cell, const problem_t problem)
{
    arb_t z, first, last;
    arb_ptr out;

    arb_init(z);
    arb_init(first);
    arb_init(last);
    out = _arb_vec_init(2);
    arb_set_fmpq(z, problem->options->box->lower, 2 * BOUND_PREC);
    caustic_tape_evaluate_arb(out, problem->map, z, 2 * BOUND_PREC);
    arb_set(first, out);
    arb_set_fmpq(z, problem->options->box->upper, 2 * BOUND_PREC);
    caustic_tape_evaluate_arb(out, problem->map, z, 2 * BOUND_PREC);
    arb_set(last, out);
    arb_union(first, first, last, 2 * BOUND_PREC);
    arb_get_lbound_arf(cell->s0, first, BOUND_PREC);
    arb_get_ubound_arf(cell->s1, first, BOUND_PREC);
    arb_set_fmpq(z, problem->options->time->lower, BOUND_PREC);
    arb_get_lbound_arf(cell->t0, z, BOUND_PREC);
    arb_set_fmpq(z, problem->options->time->upper, BOUND_PREC);
    arb_get_ubound_arf(cell->t1, z, BOUND_PREC);
    arb_clear(z);
    arb_clear(first);
    arb_clear(last);
    _arb_vec_clear(out, 2);
}

/* The i-th of n equal parts of [a, b], as a ball; the parts cover it. */
static void
part(arb_t res, const arf_t a, const arf_t b, slong i, slong n)
{
    arf_t x, y, w;

    arf_init(x);
    arf_init(y);
    arf_init(w);
    arf_sub(w, b, a, BOUND_PREC, ARF_RND_CEIL);
    arf_mul_si(x, w, i, BOUND_PREC, ARF_RND_FLOOR);
    arf_div_si(x, x, n, BOUND_PREC, ARF_RND_FLOOR);
    arf_add(x, x, a, BOUND_PREC, ARF_RND_FLOOR);
    arf_mul_si(y, w, i + 1, BOUND_PREC, ARF_RND_CEIL);
    arf_div_si(y, y, n, BOUND_PREC, ARF_RND_CEIL);
    arf_add(y, y, a, BOUND_PREC, ARF_RND_CEIL);
    arb_set_interval_arf(res, x, y, BOUND_PREC);
    arf_clear(x);
    arf_clear(y);
    arf_clear(w);
}

/* An upper bound of |s'(z)| on the box. */
static void
map_slope(arb_t res, const problem_t problem)
{
    arb_t z, piece;
    arf_t lower, upper;
    arb_ptr out;
    slong i;

    arb_init(z);
    arb_init(piece);
    arf_init(lower);
    arf_init(upper);
    out = _arb_vec_init(2);
    arb_set_fmpq(z, problem->options->box->lower, BOUND_PREC);
    arb_get_lbound_arf(lower, z, BOUND_PREC);
    arb_set_fmpq(z, problem->options->box->upper, BOUND_PREC);
    arb_get_ubound_arf(upper, z, BOUND_PREC);
    arb_zero(res);
    for (i = 0; i < 64; i++)
    {
        part(piece, lower, upper, i, 64);
        caustic_tape_evaluate_arb(out, problem->map, piece, BOUND_PREC);
        arb_abs(out + 1, out + 1);
        arb_max(res, res, out + 1, BOUND_PREC);
        if (!arb_is_finite(out + 1))
        {
            arb_indeterminate(res);
            break;
        }
    }
    arb_clear(z);
    arb_clear(piece);
    arf_clear(lower);
    arf_clear(upper);
    _arb_vec_clear(out, 2);
}

/* exp(-max l/(2 nu)) over [lower, upper], as an exact lower bound of f there; 0 where l is not finite. */
static void
least_of_f(arb_t res, const problem_t problem, const arf_t lower, const arf_t upper)
{
    arb_t y, loss;
    arf_t largest, end;
    slong i;
    int finite = 1;

    arb_init(y);
    arb_init(loss);
    arf_init(largest);
    arf_init(end);
    arf_neg_inf(largest);
    for (i = 0; i < PIECES && finite; i++)
    {
        part(y, lower, upper, i, PIECES);
        caustic_tape_evaluate_arb(loss, problem->line->loss, y, BOUND_PREC);
        finite = arb_is_finite(loss);
        arb_get_ubound_arf(end, loss, BOUND_PREC);
        arf_max(largest, largest, end);
    }
    /* Only the upper end of l counts: exp of a wide ball would reach below 0. */
    arb_set_fmpq(y, problem->viscosity, BOUND_PREC);
    arb_mul_2exp_si(y, y, 1);
    arb_set_arf(loss, largest);
    arb_div(loss, loss, y, BOUND_PREC);
    arb_neg(loss, loss);
    arb_exp(res, loss, BOUND_PREC);
    arb_get_lbound_arf(end, res, BOUND_PREC);
    arb_set_arf(res, end);
    if (!finite || !arf_is_finite(end) || arf_sgn(end) < 0)
    {
        arb_zero(res);
    }
    arb_clear(y);
    arb_clear(loss);
    arf_clear(largest);
    arf_clear(end);
}

/* best = max(best, mass * f) for exact lower bounds. */
static void
improve(arb_t best, const arb_t mass, const arb_t f)
{
    arb_t x;
    arf_t end;

    arb_init(x);
    arf_init(end);
    arb_mul(x, mass, f, BOUND_PREC);
    arb_get_lbound_arf(end, x, BOUND_PREC);
    if (arf_is_finite(end) && arf_cmp(end, arb_midref(best)) > 0)
    {
        arb_set_arf(best, end);
    }
    arb_clear(x);
    arf_clear(end);
}

/* [RESIDUAL-2], first bound: P(|Z| <= k) times the least of f on [s0 - k w, s1 + k w], w = sqrt(2 nu t1),
   for a few k. */
static void
mass_around(arb_t best, const problem_t problem, const arb_t s, const arb_t width)
{
    arb_t w, y, k, f;
    arf_t lower, upper;
    slong exponent;

    arb_init(w);
    arb_init(y);
    arb_init(k);
    arb_init(f);
    arf_init(lower);
    arf_init(upper);
    for (exponent = -5; exponent <= 1; exponent++)
    {
        arb_mul_2exp_si(w, width, exponent);
        arb_sub(y, s, w, BOUND_PREC);
        arb_get_lbound_arf(lower, y, BOUND_PREC);
        arb_add(y, s, w, BOUND_PREC);
        arb_get_ubound_arf(upper, y, BOUND_PREC);
        least_of_f(f, problem, lower, upper);
        /* P(|Z| <= k) = erf(k/sqrt 2) */
        arb_set_ui(k, 2);
        arb_rsqrt(k, k, BOUND_PREC);
        arb_mul_2exp_si(k, k, exponent);
        arb_hypgeom_erf(k, k, BOUND_PREC);
        improve(best, k, f);
    }
    arb_clear(w);
    arb_clear(y);
    arb_clear(k);
    arb_clear(f);
    arf_clear(lower);
    arf_clear(upper);
}

/* A place y where (s - y)^2/(4 nu t) + l(y)/(2 nu) is about least. A guide only. */
static double
heaviest_place(const problem_t problem, double s, double width)
{
    arb_t y, loss;
    double best = s, least = HUGE_VAL, step = width, value, x;
    slong round, i;

    arb_init(y);
    arb_init(loss);
    for (round = 0; round < 4; round++, step /= 6)
    {
        double centre = best;

        for (i = -8; i <= 8; i++)
        {
            x = centre + i * step / 2;
            arb_set_d(y, x);
            caustic_tape_evaluate_arb(loss, problem->line->loss, y, 32);
            value = arf_get_d(arb_midref(loss), ARF_RND_NEAR) / (2 * problem->nu)
                + 0.5 * (x - s) * (x - s) / (width * width);
            if (arb_is_finite(loss) && value < least)
            {
                least = value;
                best = x;
            }
        }
    }
    arb_clear(y);
    arb_clear(loss);
    return best;
}

/* [RESIDUAL-2], second bound: |J| (4 pi nu t1)^(-1/2) exp(-D^2/(4 nu t0)) times the least of f on J, for
   a few intervals J around the heaviest place. */
static void
mass_elsewhere(arb_t best, const problem_t problem, const arb_t s, const arb_t width, const arb_t t)
{
    arb_t far, mass, x, nu, f;
    arf_t lower, upper, end;
    slong exponent;
    double place, half, scale = arf_get_d(arb_midref(width), ARF_RND_NEAR);

    arb_init(far);
    arb_init(mass);
    arb_init(x);
    arb_init(nu);
    arb_init(f);
    arf_init(lower);
    arf_init(upper);
    arf_init(end);
    arb_set_fmpq(nu, problem->viscosity, BOUND_PREC);
    place = heaviest_place(problem, arf_get_d(arb_midref(s), ARF_RND_NEAR), scale);
    for (exponent = -7; exponent <= 0; exponent++)
    {
        half = ldexp(scale, exponent);
        arf_set_d(lower, place - half);
        arf_set_d(upper, place + half);
        if (!arf_is_finite(lower) || !arf_is_finite(upper))
        {
            break;
        }
        least_of_f(f, problem, lower, upper);
        /* D: the largest distance of s from J */
        arb_sub_arf(far, s, lower, BOUND_PREC);
        arb_abs(far, far);
        arb_sub_arf(x, s, upper, BOUND_PREC);
        arb_abs(x, x);
        arb_max(far, far, x, BOUND_PREC);
        arb_get_ubound_arf(end, far, BOUND_PREC);
        arb_set_arf(far, end);
        arb_sqr(far, far, BOUND_PREC);
        arb_get_lbound_arf(end, t, BOUND_PREC);
        arb_mul_arf(x, nu, end, BOUND_PREC);
        arb_mul_2exp_si(x, x, 2);
        arb_div(far, far, x, BOUND_PREC);
        arb_neg(far, far);
        arb_exp(mass, far, BOUND_PREC);
        arb_get_ubound_arf(end, t, BOUND_PREC);
        arb_mul_arf(x, nu, end, BOUND_PREC);
        arb_mul_2exp_si(x, x, 2);
        arb_const_pi(far, BOUND_PREC);
        arb_mul(x, x, far, BOUND_PREC);
        arb_rsqrt(x, x, BOUND_PREC);
        arb_mul(mass, mass, x, BOUND_PREC);
        arb_set_arf(x, upper);
        arb_sub_arf(x, x, lower, BOUND_PREC);
        arb_mul(mass, mass, x, BOUND_PREC);
        improve(best, mass, f);
    }
    arb_clear(far);
    arb_clear(mass);
    arb_clear(x);
    arb_clear(nu);
    arb_clear(f);
    arf_clear(lower);
    arf_clear(upper);
    arf_clear(end);
}

/* [RESIDUAL-2] A positive lower bound of phi on s x t, exact; 0 where none was found. */
static void
kernel_mass(arb_t res, const problem_t problem, const arb_t s, const arb_t t)
{
    arb_t width;
    arf_t end;

    arb_init(width);
    arf_init(end);
    arb_zero(res);
    /* sqrt(2 nu t1) */
    arb_get_ubound_arf(end, t, BOUND_PREC);
    arb_set_fmpq(width, problem->viscosity, BOUND_PREC);
    arb_mul_2exp_si(width, width, 1);
    arb_mul_arf(width, width, end, BOUND_PREC);
    arb_sqrt(width, width, BOUND_PREC);
    mass_around(res, problem, s, width);
    mass_elsewhere(res, problem, s, width, t);
    arb_clear(width);
    arf_clear(end);
}

/* A positive lower bound of phi on the cell (0 where none was found). */
static void
solution_lower(arb_t res, const problem_t problem, const cell_struct * cell)
{
    arb_t s, t, mass;
    slong i, j;

    arb_init(s);
    arb_init(t);
    arb_init(mass);
    arb_pos_inf(res);
    for (i = 0; i < 16; i++)
    {
        part(s, cell->s0, cell->s1, i, 16);
        for (j = 0; j < 4; j++)
        {
            part(t, cell->t0, cell->t1, j, 4);
            kernel_mass(mass, problem, s, t);
            arb_min(res, res, mass, BOUND_PREC);
        }
    }
    arb_clear(s);
    arb_clear(t);
    arb_clear(mass);
}

/* [RESIDUAL-1] The factors F with |residual| <= F sup|E| on the cell, for Hamilton-Jacobi and Burgers:
   2 nu R/phi and |s'| 2 nu (R_s/phi + R |phi_s|/phi^2) with R = 1/r_t + 2 nu/r_s^2 and
   R_s = 1/(r_s r_t) + 6 nu/r_s^3 by Cauchy [HEAT-4]; |phi_s| <= sup f/sqrt(pi nu t) [RESIDUAL-3]. */
static void
factors(arb_t hamilton_jacobi, arb_t burgers, const problem_t problem, const cell_struct * cell,
    const arf_t radius_s, const arf_t radius_t, const arb_t lower, const arb_t slope)
{
    arb_t nu, rs, rt, r, x, y;

    arb_init(nu);
    arb_init(rs);
    arb_init(rt);
    arb_init(r);
    arb_init(x);
    arb_init(y);
    arb_set_fmpq(nu, problem->viscosity, BOUND_PREC);
    arb_set_arf(rs, radius_s);
    arb_inv(rs, rs, BOUND_PREC);
    arb_set_arf(rt, radius_t);
    arb_inv(rt, rt, BOUND_PREC);
    /* R, and R_s = (1/r_t + 6 nu/r_s^2)/r_s */
    arb_sqr(x, rs, BOUND_PREC);
    arb_mul(x, x, nu, BOUND_PREC);
    arb_mul_2exp_si(x, x, 1);
    arb_add(r, rt, x, BOUND_PREC);
    arb_mul_ui(y, x, 3, BOUND_PREC);
    arb_add(y, y, rt, BOUND_PREC);
    arb_mul(y, y, rs, BOUND_PREC);

    arb_div(hamilton_jacobi, r, lower, BOUND_PREC);
    arb_div(burgers, y, lower, BOUND_PREC);
    /* sup f/sqrt(pi nu t0), sup f = exp(-lower of l/(2 nu)) */
    arb_const_pi(x, BOUND_PREC);
    arb_mul(x, x, nu, BOUND_PREC);
    arb_mul_arf(x, x, cell->t0, BOUND_PREC);
    arb_rsqrt(x, x, BOUND_PREC);
    arb_set_arf(y, problem->line->lower);
    arb_div(y, y, nu, BOUND_PREC);
    arb_mul_2exp_si(y, y, -1);
    arb_neg(y, y);
    arb_exp(y, y, BOUND_PREC);
    arb_mul(x, x, y, BOUND_PREC);
    arb_div(x, x, lower, BOUND_PREC);
    arb_addmul(burgers, x, hamilton_jacobi, BOUND_PREC);
    arb_mul(burgers, burgers, slope, BOUND_PREC);
    arb_mul(burgers, burgers, nu, BOUND_PREC);
    arb_mul_2exp_si(burgers, burgers, 1);
    arb_mul(hamilton_jacobi, hamilton_jacobi, nu, BOUND_PREC);
    arb_mul_2exp_si(hamilton_jacobi, hamilton_jacobi, 1);
    arb_clear(nu);
    arb_clear(rs);
    arb_clear(rt);
    arb_clear(r);
    arb_clear(x);
    arb_clear(y);
}

/* Bounds both residuals on the cell; LACKS_NOTHING if both are <= tolerance. The bounds are not finite where no
   strip or no lower bound of phi was found. */
static lack
cell_bounds(arb_t hamilton_jacobi, arb_t burgers, slong * boxes, const problem_t problem,
    const cell_struct * cell, const arb_t slope, const arb_t tolerance)
{
    arb_t lower, s, t, x, y;
    arf_t radius_s, radius_t;
    caustic_strip_t strip;
    double nats, excess;
    slong attempt;
    lack lacks = LACKS_LOWER_BOUND;

    arb_init(lower);
    arb_init(s);
    arb_init(t);
    arb_init(x);
    arb_init(y);
    arf_init(radius_s);
    arf_init(radius_t);
    caustic_strip_init(strip);
    arb_indeterminate(hamilton_jacobi);
    arb_indeterminate(burgers);
    arb_set_interval_arf(s, cell->s0, cell->s1, 2 * BOUND_PREC);
    arb_set_interval_arf(t, cell->t0, cell->t1, 2 * BOUND_PREC);
    solution_lower(lower, problem, cell);
    if (arb_is_positive(lower) && arb_is_finite(lower))
    {
        /* r_t = t0/8, r_s about 0.3 sqrt(4 nu t0) */
        arf_mul_2exp_si(radius_t, cell->t0, -3);
        arf_set_round(radius_t, radius_t, 12, ARF_RND_DOWN);
        arf_set_d(radius_s, 0.6 * sqrt(problem->nu * arf_get_d(cell->t0, ARF_RND_DOWN)));
        arf_set_round(radius_s, radius_s, 12, ARF_RND_DOWN);
        factors(x, y, problem, cell, radius_s, radius_t, lower, slope);
        nats = fmax(ball_log_guess(x), ball_log_guess(y)) - ball_log_guess(tolerance) + 2;
        lacks = LACKS_ACCURACY;
        for (attempt = 0; attempt < ATTEMPTS && lacks == LACKS_ACCURACY; attempt++)
        {
            nats = fmax(nats, 8);
            if (!(nats < NATS_LIMIT))
            {
                lacks = LACKS_SIZE;
                break;
            }
            if (caustic_strip_find(strip, problem->line, s, t, radius_s, radius_t, nats) != CAUSTIC_OK)
            {
                lacks = LACKS_STRIP;
            }
            *boxes += strip->boxes;
            if (lacks == LACKS_STRIP)
            {
                break;
            }
            arb_mul(hamilton_jacobi, x, strip->error, BOUND_PREC);
            arb_mul(burgers, y, strip->error, BOUND_PREC);
            if (arb_is_finite(hamilton_jacobi) && arb_is_finite(burgers)
                && arb_le(hamilton_jacobi, tolerance) && arb_le(burgers, tolerance))
            {
                lacks = LACKS_NOTHING;
            }
            excess = fmax(ball_log_guess(hamilton_jacobi), ball_log_guess(burgers)) - ball_log_guess(tolerance);
            nats += fmax(excess, 0) + 5;
        }
    }
    arb_clear(lower);
    arb_clear(s);
    arb_clear(t);
    arb_clear(x);
    arb_clear(y);
    arf_clear(radius_s);
    arf_clear(radius_t);
    caustic_strip_clear(strip);
    return lacks;
}

/* Halves: in t, geometrically, while its ends differ by more than a factor 2, else in s. */
static void
split(cell_struct * first, cell_struct * second)
{
    arf_t middle;

    arf_init(middle);
    cell_set(second, first);
    arf_mul_2exp_si(middle, first->t0, 1);
    if (arf_cmp(middle, first->t1) < 0)
    {
        arf_mul(middle, first->t0, first->t1, BOUND_PREC, ARF_RND_NEAR);
        arf_sqrt(middle, middle, BOUND_PREC, ARF_RND_NEAR);
        arf_set(first->t1, middle);
        arf_set(second->t0, middle);
    }
    else
    {
        arf_add(middle, first->s0, first->s1, BOUND_PREC, ARF_RND_NEAR);
        arf_mul_2exp_si(middle, middle, -1);
        arf_set(first->s1, middle);
        arf_set(second->s0, middle);
    }
    arf_clear(middle);
}

static void
explain_lack(caustic_text_t out, const problem_t problem, const cell_struct * cell, lack lacks, slong cells, slong boxes)
{
    static const char * const reasons[] = {
        [LACKS_LOWER_BOUND] = "no positive lower bound of the solution was found there",
        [LACKS_SIZE] = "the solution varies by more powers of ten there than a quadrature can resolve; a smaller box, or a larger viscosity, does",
        [LACKS_STRIP] = "no strip of complex numbers around the line was found in which the loss is holomorphic and bounded well enough",
        [LACKS_ACCURACY] = "the errors stayed too large there"
    };
    arb_t x;

    arb_init(x);
    caustic_text_append(out, "the tolerance was not reached for the flat coordinate ");
    caustic_expr_print(out, problem->pool, problem->flat->s);
    caustic_text_append(out, " in [");
    arb_set_arf(x, cell->s0);
    caustic_print_lower(out, x, 6);
    caustic_text_append(out, ", ");
    arb_set_arf(x, cell->s1);
    caustic_print_upper(out, x, 6);
    caustic_text_append(out, "], t in [");
    arb_set_arf(x, cell->t0);
    caustic_print_lower(out, x, 6);
    caustic_text_append(out, ", ");
    arb_set_arf(x, cell->t1);
    caustic_print_upper(out, x, 6);
    caustic_text_printf(out, "]: %s (%ld cells done, %ld complex boxes tried)", reasons[lacks],
        (long) cells, (long) boxes);
    arb_clear(x);
}

static void
settle(outcome_t outcome, const arb_t bound, const arb_t tolerance, slong cells, const char * shortfall)
{
    arb_set(outcome->bound, bound);
    if (arb_is_finite(bound) && arb_le(bound, tolerance))
    {
        outcome->verdict = CAUSTIC_PROVED;
        caustic_text_printf(outcome->detail, "uniform on the whole box (%ld %s of space and time)", (long) cells,
            cells == 1 ? "cell" : "cells");
    }
    else
    {
        outcome->verdict = CAUSTIC_UNDECIDED;
        caustic_text_append(outcome->detail, shortfall);
    }
}

/* What covers the box, and what has come of it. */
typedef struct
{
    cell_struct stack[FINEST_CELLS + 1];
    slong length; /* cells that wait */
    slong cells;  /* cells done */
    slong boxes;
    arb_t hamilton_jacobi;
    arb_t burgers;
}
cover_struct;

static void
cover_init(cover_struct * cover)
{
    slong i;

    for (i = 0; i <= FINEST_CELLS; i++)
    {
        cell_init(cover->stack + i);
    }
    arb_init(cover->hamilton_jacobi);
    arb_init(cover->burgers);
}

static void
cover_clear(cover_struct * cover)
{
    slong i;

    for (i = 0; i <= FINEST_CELLS; i++)
    {
        cell_clear(cover->stack + i);
    }
    arb_clear(cover->hamilton_jacobi);
    arb_clear(cover->burgers);
}

/* The box in so many equal pieces of s, one behind the other. */
static void
cover_start(cover_struct * cover, const problem_t problem, slong pieces)
{
    cell_struct * whole = cover->stack + FINEST_CELLS;
    arf_t width, end;
    slong i;

    arf_init(width);
    arf_init(end);
    whole_cell(whole, problem);
    arf_sub(width, whole->s1, whole->s0, BOUND_PREC, ARF_RND_UP);
    arf_div_si(width, width, pieces, BOUND_PREC, ARF_RND_UP);
    arf_set(end, whole->s0);
    for (i = 0; i < pieces; i++)
    {
        cell_set(cover->stack + i, whole);
        arf_set(cover->stack[i].s0, end);
        arf_add(end, end, width, BOUND_PREC, ARF_RND_UP);
        arf_min(end, end, whole->s1);
        /* the last one reaches the end however the widths were rounded */
        if (i + 1 < pieces)
        {
            arf_set(cover->stack[i].s1, end);
        }
    }
    cover->length = pieces;
    cover->cells = cover->boxes = 0;
    arb_zero(cover->hamilton_jacobi);
    arb_zero(cover->burgers);
    arf_clear(width);
    arf_clear(end);
}

/* Bounds both residuals on every cell, splitting where that fails; what is lacking, and then the cell. */
static lack
cover_box(cell_struct * cell, cover_struct * cover, const problem_t problem, const arb_t slope, const arb_t tolerance,
    slong cell_limit, slong box_limit)
{
    arb_t x, y;
    lack lacks = LACKS_NOTHING;

    arb_init(x);
    arb_init(y);
    while (cover->length > 0)
    {
        cell_set(cell, cover->stack + --cover->length);
        lacks = cell_bounds(x, y, &cover->boxes, problem, cell, slope, tolerance);
        if (lacks == LACKS_NOTHING)
        {
            arb_max(cover->hamilton_jacobi, cover->hamilton_jacobi, x, BOUND_PREC);
            arb_max(cover->burgers, cover->burgers, y, BOUND_PREC);
            cover->cells++;
        }
        else if (cover->cells + cover->length + 2 <= cell_limit && cover->boxes < box_limit)
        {
            split(cell, cover->stack + cover->length + 1);
            cell_set(cover->stack + cover->length, cell);
            cover->length += 2;
        }
        else
        {
            break;
        }
    }
    if (lacks != LACKS_NOTHING)
    {
        arb_indeterminate(cover->hamilton_jacobi);
        arb_indeterminate(cover->burgers);
    }
    arb_clear(x);
    arb_clear(y);
    return lacks;
}

void
uniform_residuals(outcome_t hamilton_jacobi, outcome_t burgers, const problem_t problem)
{
    cover_struct cover;
    cell_struct cell;
    arb_t slope, tolerance;
    caustic_text_t shortfall;
    lack lacks;

    arb_init(slope);
    arb_init(tolerance);
    caustic_text_init(shortfall);
    cover_init(&cover);
    cell_init(&cell);
    arb_set_fmpq(tolerance, problem->options->tolerance, BOUND_PREC);
    map_slope(slope, problem);
    cover_start(&cover, problem, 1);
    lacks = cover_box(&cell, &cover, problem, slope, tolerance, CELL_LIMIT, BOX_BUDGET);
    if (lacks != LACKS_NOTHING)
    {
        explain_lack(shortfall, problem, &cell, lacks, cover.cells, cover.boxes);
    }
    /* a wide box near whose line the loss has poles: the complex boxes of wide cells are the costly ones */
    if (lacks == LACKS_STRIP && cover.boxes >= BOX_BUDGET)
    {
        cover_start(&cover, problem, FINE_PIECES);
        lacks = cover_box(&cell, &cover, problem, slope, tolerance, FINEST_CELLS, 4 * BOX_BUDGET);
        caustic_text_reset(shortfall);
        if (lacks != LACKS_NOTHING)
        {
            explain_lack(shortfall, problem, &cell, lacks, cover.cells, cover.boxes);
        }
    }
    settle(hamilton_jacobi, cover.hamilton_jacobi, tolerance, cover.cells, shortfall->data);
    settle(burgers, cover.burgers, tolerance, cover.cells, shortfall->data);
    caustic_text_clear(shortfall);
    cell_clear(&cell);
    cover_clear(&cover);
    arb_clear(slope);
    arb_clear(tolerance);
}
