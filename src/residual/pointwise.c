/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    pointwise: what every normal form is asked at points: the residuals of both equations from derivatives that do
    not use them, and the altered equations.
*/

#include <string.h>
#include "solution.h"

#define PREC 128 /* of bounds that need not be sharp */

/* Points *************************************************************************************/

/* Rational point i of box x time: centre, two corners, two irregular ones; the axes are treated apart. */
void
point_of_box(fmpq * z, fmpq_t t, const solution_t solution, slong i)
{
    static const slong place[SOLUTION_POINTS][4] = {{32, 32, 32, 32}, {0, 64, 0, 64}, {64, 0, 64, 0}, {11, 47, 29, 3}, {49, 7, 60, 23}};
    static const slong moment[SOLUTION_POINTS] = {32, 0, 64, 17, 50};
    fmpq_t part, width;

    fmpq_init(part);
    fmpq_init(width);
    for (slong k = 0; k <= solution->dimension; k++)
    {
        const caustic_interval_struct * side = k < solution->dimension ? solution->options->box + k : solution->options->time;
        fmpq * x = k < solution->dimension ? z + k : t;

        fmpq_set_si(part, k < solution->dimension ? place[i][k % 4] : moment[i], 64);
        fmpq_sub(width, side->upper, side->lower);
        fmpq_mul(width, width, part);
        fmpq_add(x, side->lower, width);
    }
    fmpq_clear(part);
    fmpq_clear(width);
}

void
write_point(caustic_text_t out, const solution_t solution, const fmpq * z, const fmpq_t t)
{
    const caustic_setting_struct * setting = solution->reduction->setting;

    for (slong k = 0; k <= solution->dimension; k++)
    {
        char * value = fmpq_get_str(NULL, 10, k < solution->dimension ? z + k : t);

        caustic_text_printf(out, "%s%s = %s", k == 0 ? "" : ", ",
            k < solution->dimension ? caustic_expr_name(setting->pool, setting->coordinate[k]) : "t", value);
        flint_free(value);
    }
}

void
plant_error(arb_t value, arb_t second, arb_t time, const caustic_residual_options * options, int corner)
{
    const caustic_residual_plant * plant = options->plant;
    arb_t x;

    if (plant == NULL || (plant->at_corner && !corner))
        return;
    arb_init(x);
    arb_ui_pow_ui(x, 10, 25, 4 * PREC);
    arb_inv(x, x, 4 * PREC);
    arb_add_ui(x, x, 1, 4 * PREC);
    if (plant->place == PLANT_VALUE)
        arb_mul(value, value, x, 4 * PREC);
    else if (plant->place == PLANT_SECOND)
        arb_mul(second, second, x, 4 * PREC);
    else
        arb_mul(time, time, x, 4 * PREC);
    arb_clear(x);
}

#define CORNER 1 /* of the points of the box */

/* The derivatives of u at rational point i. */
static void
entropy_at(derivatives_t u, arb_ptr z, fmpq * place, fmpq_t t, const solution_t solution, slong i, slong prec)
{
    derivatives_t phi;

    derivatives_init(phi, solution->dimension);
    point_of_box(place, t, solution, i);
    for (slong k = 0; k < solution->dimension; k++)
        arb_set_fmpq(z + k, place + k, prec);
    solution->derivatives(phi, solution, z, t, prec);
    plant_error(phi->value, phi->second, phi->time, solution->options, i == CORNER);
    entropy_derivatives(u, phi, solution->viscosity, prec);
    derivatives_clear(phi);
}

/* What a residual at a point says: it must contain 0 and stay below the tolerance. */
static void
judge(outcome_t outcome, const arb_t residual, const solution_t solution, const fmpq * z, const fmpq_t t)
{
    arb_t size, tolerance;

    arb_init(size);
    arb_init(tolerance);
    arb_set_fmpq(tolerance, solution->options->tolerance, PREC);
    arb_abs(size, residual);

    if (!arb_is_finite(residual) || (arb_contains_zero(residual) && !arb_lt(size, tolerance)))
    {
        if (outcome->verdict == CAUSTIC_PROVED)
        {
            outcome->verdict = CAUSTIC_UNDECIDED;
            caustic_text_append(outcome->detail, "; jets stay above the tolerance at ");
            write_point(outcome->detail, solution, z, t);
        }
    }
    else if (!arb_contains_zero(residual))
    {
        outcome->verdict = CAUSTIC_REFUTED;
        caustic_text_append(outcome->detail, "; the residual excludes 0 at ");
        write_point(outcome->detail, solution, z, t);
    }

    if (!arb_is_finite(outcome->bound) || !arb_lt(size, outcome->bound))
        arb_max(outcome->bound, arb_is_finite(outcome->bound) ? outcome->bound : size, size, PREC);

    arb_clear(size);
    arb_clear(tolerance);
}

void
judge_points(outcome_t hamilton_jacobi, outcome_t burgers, const solution_t solution, slong prec)
{
    slong d = solution->dimension;
    arb_ptr z = _arb_vec_init(d), residual = _arb_vec_init(1 + d);
    fmpq * place = flint_calloc((size_t) d, sizeof(fmpq));
    fmpq_t t;
    derivatives_t u;

    derivatives_init(u, d);
    fmpq_init(t);
    for (slong k = 0; k < d; k++)
        fmpq_init(place + k);

    for (slong i = 0; i < SOLUTION_POINTS; i++)
    {
        entropy_at(u, z, place, t, solution, i, prec);
        system_evaluate(residual, solution->equations, z, solution->viscosity, u, prec);
        judge(hamilton_jacobi, residual, solution, place, t);
        for (slong k = 0; k < d; k++)
            judge(burgers, residual + 1 + k, solution, place, t);
    }
    caustic_text_printf(hamilton_jacobi->detail, "; independent jets at %d points", SOLUTION_POINTS);
    caustic_text_printf(burgers->detail, "; independent jets at %d points", SOLUTION_POINTS);

    for (slong k = 0; k < d; k++)
        fmpq_clear(place + k);
    flint_free(place);
    fmpq_clear(t);
    derivatives_clear(u);
    _arb_vec_clear(z, d);
    _arb_vec_clear(residual, 1 + d);
}

/* Altered equations **************************************************************************/

/* [RESIDUAL-7] Alterations that the case provably satisfies are not counted. */
static int
is_counted(const solution_t solution, slong alteration)
{
    const alteration_struct * altered = alterations + alteration;

    return !solution->constant && (altered->drift[0] != '0' || solution->has_drift)
        && (!altered->without_curvature || solution->has_curvature);
}

/* Whether some component excludes 0 at some point. */
static int
is_refuted(caustic_text_t out, const solution_t solution, const system_t altered, const char * name, slong prec)
{
    slong d = solution->dimension;
    arb_ptr z = _arb_vec_init(d), residual = _arb_vec_init(1 + d);
    fmpq * place = flint_calloc((size_t) d, sizeof(fmpq));
    fmpq_t t;
    derivatives_t u;
    int refuted = 0;

    derivatives_init(u, d);
    fmpq_init(t);
    for (slong k = 0; k < d; k++)
        fmpq_init(place + k);

    for (slong i = 0; i < SOLUTION_POINTS && !refuted; i++)
    {
        entropy_at(u, z, place, t, solution, i, prec);
        system_evaluate(residual, altered, z, solution->viscosity, u, prec);
        for (slong k = 0; k <= d && !refuted; k++)
            refuted = arb_is_finite(residual + k) && !arb_contains_zero(residual + k);
    }

    caustic_text_printf(out, "%s: %s", name, refuted ? "refuted at " : "not refuted");
    if (refuted)
        write_point(out, solution, place, t);
    caustic_text_append(out, "; ");

    for (slong k = 0; k < d; k++)
        fmpq_clear(place + k);
    flint_free(place);
    fmpq_clear(t);
    derivatives_clear(u);
    _arb_vec_clear(z, d);
    _arb_vec_clear(residual, 1 + d);
    return refuted;
}

void
try_alterations(caustic_residual_result_t result, const solution_t solution)
{
    slong prec = 4 * tolerance_digits(solution->options) + PREC;

    for (slong a = 0; a < ALTERATIONS; a++)
    {
        system_t altered;

        if (!is_counted(solution, a))
            continue;
        system_init(altered, solution->reduction, solution->ricci, alterations + a);
        result->altered_tried++;
        result->altered_refuted += altered->tape != NULL
            && is_refuted(result->altered, solution, altered, alterations[a].name, prec);
        system_clear(altered);
    }
}

static int
is_zero_list(const caustic_expr * entries, slong length, caustic_pool * pool)
{
    caustic_expr zero = caustic_integer(pool, 0);
    int answer = 1;

    for (slong i = 0; i < length && answer; i++)
        answer = entries[i] == zero;
    return answer;
}

/* The Ricci curvature as expressions, where the geometry is derived; else NULL. */
static caustic_expr *
ricci_of(const caustic_reduction_struct * reduction)
{
    slong d = reduction->setting->coordinates;
    caustic_geometry_t geometry;
    caustic_expr * ricci = NULL;

    caustic_geometry_init(geometry, reduction->cometric, reduction->drift, (gr_ctx_struct *) reduction->downstairs);
    if (geometry->status == GR_SUCCESS)
    {
        ricci = flint_malloc((size_t) (d * d) * sizeof(caustic_expr));
        for (slong i = 0; i < d; i++)
            for (slong j = 0; j < d; j++)
                ricci[i * d + j] = caustic_field_get_expr(gr_mat_entry_srcptr(geometry->ricci, i, j, geometry->ctx),
                    geometry->ctx);
    }
    caustic_geometry_clear(geometry);
    return ricci;
}

/* Initial data *******************************************************************************/

void
power_of_ten(fmpq_t res, slong exponent)
{
    fmpz_one(fmpq_numref(res));
    fmpz_ui_pow_ui(fmpq_denref(res), 10, (ulong) FLINT_ABS(exponent));
    if (exponent > 0)
        fmpq_inv(res, res);
}

/* The loss of the case itself at point i, and u(., tau): |u - factor l| against a bound. -1: above it; 1: certainly
   below; 0: open. */
static int
obeys(const solution_t solution, const caustic_tape * loss, slong i, const fmpq_t tau, const char * factor,
    const arb_t bound, slong prec)
{
    slong d = solution->dimension;
    arb_ptr in = _arb_vec_init(d + 1);
    fmpq * place = flint_calloc((size_t) d, sizeof(fmpq));
    derivatives_t phi;
    fmpq_t t, multiple;
    arb_t value, u, room;
    int answer = 0;

    derivatives_init(phi, d);
    arb_init(value);
    arb_init(u);
    arb_init(room);
    fmpq_init(t);
    fmpq_init(multiple);
    for (slong k = 0; k < d; k++)
        fmpq_init(place + k);

    point_of_box(place, t, solution, i);
    for (slong k = 0; k < d; k++)
        arb_set_fmpq(in + k, place + k, prec);
    arb_set_fmpq(in + d, solution->viscosity, prec);
    caustic_tape_evaluate_arb(value, loss, in, prec);
    fmpq_set_str(multiple, factor, 10);
    arb_mul_fmpz(value, value, fmpq_numref(multiple), prec);
    arb_div_fmpz(value, value, fmpq_denref(multiple), prec);

    solution->derivatives(phi, solution, in, tau, prec);
    plant_error(phi->value, phi->second, phi->time, solution->options, i == CORNER);
    arb_log(u, phi->value, prec);
    arb_mul(u, u, in + d, prec);
    arb_mul_si(u, u, -2, prec);
    arb_sub(u, u, value, prec);
    arb_abs(u, u);
    /* Where the bound is 0, as for a constant, no ball is below it. */
    arb_set_fmpq(room, solution->options->tolerance, PREC);
    if (arb_is_finite(u))
        answer = arb_gt(u, bound) ? -1 : arb_le(u, bound) || arb_lt(u, room) ? 1 : 0;

    for (slong k = 0; k < d; k++)
        fmpq_clear(place + k);
    flint_free(place);
    fmpq_clear(t);
    fmpq_clear(multiple);
    arb_clear(value);
    arb_clear(u);
    arb_clear(room);
    derivatives_clear(phi);
    _arb_vec_clear(in, d + 1);
    return answer;
}

/* The loss as it was written, as a function of the coordinates and nu; NULL where it is not one. */
static caustic_tape *
loss_of_case(const solution_t solution)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong d = solution->dimension;
    caustic_expr * symbols = flint_malloc((size_t) (d + 1) * sizeof(caustic_expr));
    caustic_tape * loss;

    for (slong k = 0; k < d; k++)
        symbols[k] = setting->coordinate[k];
    symbols[d] = caustic_symbol(setting->pool, "nu");
    loss = caustic_tape_new(setting->pool, &solution->reduction->loss, 1, symbols, d + 1);
    flint_free(symbols);
    return loss;
}

void
compare_initial_data(outcome_t outcome, caustic_residual_result_t result, const solution_t solution, const fmpq_t tau,
    slong prec)
{
    caustic_tape * loss = loss_of_case(solution);
    int refuted = 0, below = 1;

    if (loss == NULL)
    {
        caustic_text_append(outcome->detail, "the loss depends on something else than the coordinates");
        return;
    }
    for (slong i = 0; i < SOLUTION_POINTS; i++)
    {
        int side = obeys(solution, loss, i, tau, "1", outcome->bound, prec);

        refuted = refuted || side < 0;
        below = below && side > 0;
    }
    outcome->verdict = refuted ? CAUSTIC_REFUTED
        : below && arb_is_finite(outcome->bound) ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    caustic_text_printf(outcome->detail, "at t = %.6g, by a bound that tends to 0 with t; the computed values %s it",
        fmpq_get_d(tau), refuted ? "break" : below ? "obey" : "do not decide");

    if (!solution->constant)
    {
        refuted = 0;
        for (slong i = 0; i < SOLUTION_POINTS; i++)
            refuted = refuted || obeys(solution, loss, i, tau, "1000001/1000000", outcome->bound, prec) < 0;
        result->altered_tried++;
        result->altered_refuted += refuted;
        caustic_text_printf(result->altered, "loss times 1 + 1e-6: %s; ", refuted ? "refuted at small times" : "not refuted");
    }
    caustic_tape_free(loss);
}

/* Parameter space ****************************************************************************/

void
trivial_setting(caustic_setting_t trivial, const caustic_setting_struct * setting)
{
    slong n = setting->parameters;

    caustic_setting_init(trivial, setting->pool);
    caustic_setting_allocate(trivial, n, 0, 0, n);
    for (slong a = 0; a < n; a++)
    {
        trivial->parameter[a] = trivial->coordinate[a] = trivial->invariant[a] = trivial->section[a] = setting->parameter[a];
        caustic_interval_set(trivial->parameter_domain + a, setting->parameter_domain + a);
        caustic_interval_set(trivial->coordinate_domain + a, setting->parameter_domain + a);
        for (slong b = 0; b < n; b++)
            trivial->inverse_metric[a * n + b] = setting->inverse_metric[a * n + b];
    }
    trivial->strata = setting->strata;
    trivial->stratum = flint_malloc((size_t) FLINT_MAX(setting->strata, 1) * sizeof(caustic_expr));
    for (slong i = 0; i < setting->strata; i++)
        trivial->stratum[i] = setting->stratum[i];
}

void
point_of_parameters(fmpq * theta, const caustic_setting_struct * setting, slong i)
{
    for (slong a = 0; a < setting->parameters; a++)
    {
        const caustic_interval_struct * domain = setting->parameter_domain + a;
        slong part = 2 + (7 * i + 5 * a + 3 * a * a) % 11;

        if (!domain->lower_infinite && !domain->upper_infinite)
        {
            fmpq_sub(theta + a, domain->upper, domain->lower);
            fmpq_mul_si(theta + a, theta + a, part);
            fmpq_div_2exp(theta + a, theta + a, 4);
            fmpq_add(theta + a, theta + a, domain->lower);
            continue;
        }
        fmpq_set_si(theta + a, part, 8);
        if (domain->lower_infinite && domain->upper_infinite && (i + a) % 2 == 1)
            fmpq_neg(theta + a, theta + a);
        else if (!domain->lower_infinite)
            fmpq_add(theta + a, theta + a, domain->lower);
        else if (!domain->upper_infinite)
            fmpq_sub(theta + a, domain->upper, theta + a);
    }
}

/* The solution *******************************************************************************/

int
box_is_bounded(const caustic_residual_options * options, const caustic_setting_struct * setting)
{
    int answer = !options->time->lower_infinite && !options->time->upper_infinite && fmpq_sgn(options->time->lower) > 0;

    for (slong k = 0; k < setting->coordinates && answer; k++)
        answer = !options->box[k].lower_infinite && !options->box[k].upper_infinite
            && caustic_interval_contains_fmpq(setting->coordinate_domain + k, options->box[k].lower)
            && caustic_interval_contains_fmpq(setting->coordinate_domain + k, options->box[k].upper);
    return answer;
}

void
solution_init(solution_t solution, const caustic_reduction_struct * reduction, const caustic_residual_options * options)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong d = setting->coordinates;

    memset(solution, 0, sizeof(solution_struct));
    solution->reduction = reduction;
    solution->options = options;
    solution->dimension = d;
    system_init(solution->equations, reduction, NULL, &unaltered);
    solution->ricci = ricci_of(reduction);
    solution->has_drift = !is_zero_list(reduction->drift_expr, d, setting->pool);
    solution->has_curvature = solution->ricci != NULL && !is_zero_list(solution->ricci, d * d, setting->pool);
}

void
solution_clear(solution_t solution)
{
    system_clear(solution->equations);
    flint_free(solution->ricci);
}
