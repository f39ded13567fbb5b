/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    radial_cover: sup |residual| on the whole box, for the Bessel operator on the half line [RESIDUAL-51].
*/

#include <math.h>
#include "base/ball.h"
#include "radial.h"

#define PREC 64
#define DEPTH_LIMIT 14
#define ATTEMPTS 4
#define SLOPE_PIECES 64

static const radial_struct *
own(const solution_struct * solution)
{
    return solution->data;
}

/* The i-th of n parts of the ball; the parts cover it. */
static void
part_of(arb_t res, const arb_t x, slong i, slong n)
{
    arb_t width, end;

    arb_init(width);
    arb_init(end);
    arb_get_rad_arb(width, x);
    arb_mul_2exp_si(width, width, 1);
    arb_div_si(width, width, n, 4 * PREC);
    ball_lower_end(res, x, 8 * PREC);
    arb_addmul_si(res, width, i, 8 * PREC);
    arb_add(end, res, width, 8 * PREC);
    arb_union(res, res, end, 4 * PREC);
    arb_clear(width);
    arb_clear(end);
}

/* The image of the box, r monotone, and sup |r'| on it. */
void
radial_image(arb_t r, arb_t slope, const solution_struct * solution)
{
    const caustic_interval_struct * box = solution->options->box;
    arb_ptr chart = _arb_vec_init(4);
    arb_t z, part;

    arb_init(z);
    arb_init(part);
    arb_set_fmpq(z, box->lower, 4 * PREC);
    caustic_tape_evaluate_arb(chart, own(solution)->chart, z, 4 * PREC);
    arb_set(r, chart);
    arb_set_fmpq(part, box->upper, 4 * PREC);
    caustic_tape_evaluate_arb(chart, own(solution)->chart, part, 4 * PREC);
    arb_union(r, r, chart, 4 * PREC);
    arb_union(z, z, part, 4 * PREC);
    arb_zero(slope);
    for (slong i = 0; i < SLOPE_PIECES; i++)
    {
        part_of(part, z, i, SLOPE_PIECES);
        caustic_tape_evaluate_arb(chart, own(solution)->chart, part, PREC);
        arb_abs(chart + 1, chart + 1);
        ball_upper_end(chart + 1, chart + 1, PREC);
        if (arb_is_finite(slope))
            arb_max(slope, slope, chart + 1, PREC);
        if (!arb_is_finite(chart + 1))
            arb_indeterminate(slope);
    }
    arb_clear(z);
    arb_clear(part);
    _arb_vec_clear(chart, 4);
}

/* [RESIDUAL-51] 2 nu R/phi and |r'| 2 nu (R'/phi + R mass/(r_s phi^2)), with
   R = eps (1/r_t + nu (2/r_s + (n - 1)/r_0)/r_s), R' = eps (1/r_t + nu (6/r_s^2 + (n - 1)(2/r_s + 1/r_0)/r_0))/r_s. */
static void
residual_bounds(arb_t hamilton_jacobi, arb_t burgers, const solution_struct * solution, const caustic_panels_t panels, const arb_t r,
    const arb_t lower, const arb_t slope)
{
    arb_t nu, n, rs, rt, near, x, y;

    arb_init(nu);
    arb_init(n);
    arb_init(rs);
    arb_init(rt);
    arb_init(near);
    arb_init(x);
    arb_init(y);
    arb_set_fmpq(nu, solution->viscosity, PREC);
    arb_set_fmpq(n, own(solution)->flat->dimension, PREC);
    arb_sub_ui(n, n, 1, PREC);
    arb_set_arf(rs, panels->radius_s);
    arb_inv(rs, rs, PREC);
    arb_set_arf(rt, panels->radius_t);
    arb_inv(rt, rt, PREC);
    ball_lower_end(near, r, PREC);
    arb_inv(near, near, PREC);

    arb_mul(y, n, near, PREC);
    arb_addmul_ui(y, rs, 2, PREC);
    arb_mul(y, y, rs, PREC);
    arb_mul(y, y, nu, PREC);
    arb_add(hamilton_jacobi, y, rt, PREC);

    arb_mul_2exp_si(y, rs, 1);
    arb_add(y, y, near, PREC);
    arb_mul(y, y, near, PREC);
    arb_mul(y, y, n, PREC);
    arb_sqr(x, rs, PREC);
    arb_addmul_ui(y, x, 6, PREC);
    arb_mul(y, y, nu, PREC);
    arb_add(y, y, rt, PREC);
    arb_mul(burgers, y, rs, PREC);

    arb_mul(x, panels->error, nu, PREC);
    arb_mul_2exp_si(x, x, 1);
    arb_div(x, x, lower, PREC);
    arb_mul(hamilton_jacobi, hamilton_jacobi, x, PREC);
    arb_mul(burgers, burgers, x, PREC);
    arb_mul(x, panels->mass, rs, PREC);
    arb_div(x, x, lower, PREC);
    arb_addmul(burgers, hamilton_jacobi, x, PREC);
    arb_mul(burgers, burgers, slope, PREC);
    ball_upper_end(hamilton_jacobi, hamilton_jacobi, PREC);
    ball_upper_end(burgers, burgers, PREC);
    arb_clear(nu);
    arb_clear(n);
    arb_clear(rs);
    arb_clear(rt);
    arb_clear(near);
    arb_clear(x);
    arb_clear(y);
}

/* A lower bound of phi on the cell: the least over parts of it [HEAT-54]. */
static void
lower_on_cell(arb_t res, const solution_struct * solution, const arb_t r, const arb_t t)
{
    arb_t s, time, x;

    arb_init(s);
    arb_init(time);
    arb_init(x);
    arb_pos_inf(res);
    for (slong i = 0; i < 8; i++)
        for (slong j = 0; j < 2; j++)
        {
            part_of(s, r, i, 8);
            part_of(time, t, j, 2);
            caustic_profile_lower(x, own(solution)->profile, s, time);
            arb_min(res, res, x, PREC);
        }
    arb_clear(s);
    arb_clear(time);
    arb_clear(x);
}

/* Bounds on one cell; 1 if both are at most the tolerance. */
static int
bound_cell(arb_t hamilton_jacobi, arb_t burgers, const solution_struct * solution, const arb_t r, const arb_t t, const arb_t slope,
    const arb_t tolerance)
{
    caustic_panels_t panels;
    arb_t lower;
    arf_t first, radius_s, radius_t;
    double nats;
    int done = 0;

    caustic_panels_init(panels);
    arb_init(lower);
    arf_init(first);
    arf_init(radius_s);
    arf_init(radius_t);
    arb_get_lbound_arf(first, t, PREC);
    radial_radii(radius_s, radius_t, solution, first, 3);
    lower_on_cell(lower, solution, r, t);
    nats = fmax(8, -ball_log_guess(tolerance) - ball_log_guess(lower) + 10);
    for (slong attempt = 0; attempt < ATTEMPTS && !done && arb_is_positive(lower) && nats < RADIAL_NATS; attempt++)
    {
        if (caustic_panels_find(panels, (caustic_profile_struct *) own(solution)->profile, r, t, radius_s, radius_t, nats) != CAUSTIC_OK)
            break;
        residual_bounds(hamilton_jacobi, burgers, solution, panels, r, lower, slope);
        done = arb_is_finite(hamilton_jacobi) && arb_is_finite(burgers) && arb_le(hamilton_jacobi, tolerance)
            && arb_le(burgers, tolerance);
        nats += fmax(0, fmax(ball_log_guess(hamilton_jacobi), ball_log_guess(burgers)) - ball_log_guess(tolerance)) + 5;
    }
    caustic_panels_clear(panels);
    arb_clear(lower);
    arf_clear(first);
    arf_clear(radius_s);
    arf_clear(radius_t);
    return done;
}

/* Raises the bounds to those on r x t, halving it where that fails: the times where they differ by more than a factor 2, else r.
   Returns the number of cells, 0 where a part failed. */
static slong
cover(arb_t hamilton_jacobi, arb_t burgers, const solution_struct * solution, const arb_t r, const arb_t t, const arb_t slope,
    const arb_t tolerance, slong depth)
{
    arb_t x, y, first, second;
    slong cells = 0, others;

    arb_init(x);
    arb_init(y);
    arb_init(first);
    arb_init(second);
    if (bound_cell(x, y, solution, r, t, slope, tolerance))
    {
        arb_max(hamilton_jacobi, hamilton_jacobi, x, PREC);
        arb_max(burgers, burgers, y, PREC);
        cells = 1;
    }
    else if (depth < DEPTH_LIMIT)
    {
        int times;

        /* (m + d)/(m - d) > 2 is d > m/3 */
        arb_div_arf(x, t, arb_midref(t), PREC);
        times = mag_cmp_2exp_si(arb_radref(x), -2) > 0;
        part_of(first, times ? t : r, 0, 2);
        part_of(second, times ? t : r, 1, 2);
        cells = cover(hamilton_jacobi, burgers, solution, times ? r : first, times ? first : t, slope, tolerance, depth + 1);
        if (cells > 0)
        {
            others = cover(hamilton_jacobi, burgers, solution, times ? r : second, times ? second : t, slope, tolerance, depth + 1);
            cells = others > 0 ? cells + others : 0;
        }
    }
    arb_clear(x);
    arb_clear(y);
    arb_clear(first);
    arb_clear(second);
    return cells;
}

static void
settle(outcome_t outcome, const arb_t bound, slong cells, const char * form)
{
    outcome->verdict = cells > 0 ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    if (cells > 0)
    {
        arb_set(outcome->bound, bound);
        caustic_text_printf(outcome->detail, "uniform on the whole box (%ld %s of space and time)%s", (long) cells,
            cells == 1 ? "cell" : "cells", form);
    }
    else
        caustic_text_append(outcome->detail, "the tolerance was not reached on every cell: no panels with small enough errors, or no"
            " positive lower bound of the solution, were found");
}

void
radial_residuals(outcome_t hamilton_jacobi, outcome_t burgers, const solution_struct * solution)
{
    slong prec = radial_precision(solution), cells;
    char * n = fmpq_get_str(NULL, 10, own(solution)->flat->dimension);
    caustic_text_t form;
    arb_t r, t, slope, tolerance, x, y;

    caustic_text_init(form);
    arb_init(r);
    arb_init(t);
    arb_init(slope);
    arb_init(tolerance);
    arb_init(x);
    arb_init(y);
    caustic_text_printf(form, "; the quotient is the half line r > 0 with the Bessel operator of n = %s, r = ", n);
    caustic_expr_print(form, own(solution)->pool, own(solution)->flat->map);
    arb_set_fmpq(tolerance, solution->options->tolerance, PREC);
    arb_set_fmpq(t, solution->options->time->lower, 2 * PREC);
    arb_set_fmpq(x, solution->options->time->upper, 2 * PREC);
    arb_union(t, t, x, 2 * PREC);
    arb_zero(x);
    radial_image(r, slope, solution);
    cells = arb_is_positive(r) && arb_is_finite(slope) ? cover(x, y, solution, r, t, slope, tolerance, 0) : 0;
    settle(hamilton_jacobi, x, cells, form->data);
    settle(burgers, y, cells, "");
    if (prec > solution->options->precision_limit)
    {
        hamilton_jacobi->verdict = burgers->verdict = CAUSTIC_UNDECIDED;
        caustic_text_printf(hamilton_jacobi->detail, "; the jets need %ld bits, above the precision limit", (long) prec);
    }
    else if (cells > 0)
        judge_points(hamilton_jacobi, burgers, solution, prec);
    write_kinks(hamilton_jacobi->detail, 0, own(solution)->profile, solution->reduction->setting->coordinate[0],
        own(solution)->flat->inverse, own(solution)->kernel_loss);
    flint_free(n);
    caustic_text_clear(form);
    arb_clear(r);
    arb_clear(t);
    arb_clear(slope);
    arb_clear(tolerance);
    arb_clear(x);
    arb_clear(y);
}
