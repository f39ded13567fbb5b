/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    harmonic: the checks on circles, and on spheres for zonal losses. The solution is a sum of eigenfunctions, an exact
    solution, and a rest with bounds of all its derivatives.
*/

#include <math.h>
#include <string.h>
#include "base/ball.h"
#include "harmonic.h"

#define PREC 128 /* of bounds that need not be sharp */
#define CELLS_LIMIT 50000

typedef struct
{
    harmonic_form_t form;
    caustic_angular_t data;         /* for the current viscosity */
    caustic_harmonics_t harmonics;
    caustic_tape * chart;           /* the map and its derivatives: s, s_i, s_ij, s_ijk */
    slong prec;                     /* of values */
}
harmonic_struct;

static const harmonic_struct *
own(const solution_t solution)
{
    return solution->data;
}

/* The solution *******************************************************************************/

static void
derivatives_of_phi(derivatives_t phi, const solution_t solution, arb_srcptr z, const fmpq_t t, slong prec)
{
    const harmonic_struct * harmonic = own(solution);
    slong length = caustic_tape_roots(harmonic->chart);
    arb_ptr s = _arb_vec_init(length), value = _arb_vec_init(CAUSTIC_HARMONICS_VALUES);
    arb_t time;

    arb_init(time);
    arb_set_fmpq(time, t, prec);
    caustic_tape_evaluate_arb(s, harmonic->chart, z, prec);
    caustic_harmonics_evaluate(value, harmonic->harmonics, s, time, prec);
    compose_derivatives(phi, value, s, prec);
    arb_clear(time);
    _arb_vec_clear(s, length);
    _arb_vec_clear(value, CAUSTIC_HARMONICS_VALUES);
}

/* Residuals on the whole box *****************************************************************/

/* The largest |s_i| on a cell of the box, side k cut into `parts`; cell numbers each side's part. */
static void
slope_on_cell(arb_t res, arb_ptr values, arb_ptr cell, const solution_t solution, slong number, slong parts)
{
    slong d = solution->dimension;
    fmpq_t end, width;
    arb_t x;

    arb_init(x);
    fmpq_init(end);
    fmpq_init(width);
    for (slong k = 0; k < d; k++)
    {
        const caustic_interval_struct * side = solution->options->box + k;

        fmpq_sub(width, side->upper, side->lower);
        fmpq_div_fmpz(width, width, (fmpz[]) {parts});
        fmpq_set_si(end, number % parts, 1);
        fmpq_mul(end, end, width);
        fmpq_add(end, end, side->lower);
        arb_set_fmpq(cell + k, end, PREC);
        fmpq_add(end, end, width);
        arb_set_fmpq(x, end, PREC);
        arb_union(cell + k, cell + k, x, PREC);
        number /= parts;
    }
    caustic_tape_evaluate_arb(values, own(solution)->chart, cell, PREC);
    arb_zero(res);
    for (slong k = 0; k < d; k++)
    {
        arb_abs(x, values + 1 + k);
        arb_max(res, res, x, PREC);
    }
    arb_clear(x);
    fmpq_clear(end);
    fmpq_clear(width);
}

/* sup |s_i| over the box and i, on as many cells as it takes to be finite. */
static void
largest_slope(arb_t res, const solution_t solution)
{
    slong d = solution->dimension, cells = 1;
    arb_ptr values = _arb_vec_init(caustic_tape_roots(own(solution)->chart)), cell = _arb_vec_init(d);
    arb_t x;

    arb_init(x);
    arb_indeterminate(res);
    for (slong parts = 1; cells <= CELLS_LIMIT && !arb_is_finite(res); parts *= 2)
    {
        arb_zero(res);
        for (slong c = 0; c < cells && arb_is_finite(res); c++)
        {
            slope_on_cell(x, values, cell, solution, c, parts);
            arb_max(res, res, x, PREC);
        }
        for (slong k = 0; k < d && cells <= CELLS_LIMIT; k++)
            cells = k == 0 ? 2 * parts : cells * 2 * parts;
    }
    ball_upper_end(res, res, PREC);
    arb_clear(x);
    _arb_vec_clear(values, caustic_tape_roots(own(solution)->chart));
    _arb_vec_clear(cell, d);
}

/* 2 nu |E_t - nu L E| <= 4 nu^2 sup |L E|, or the same with a derivative in s. */
static void
defect_of_equation(arb_t res, const solution_t solution, slong order)
{
    arb_t nu;

    arb_init(nu);
    caustic_harmonics_operator_bound(res, own(solution)->harmonics, own(solution)->harmonics->defect, order);
    arb_set_fmpq(nu, solution->viscosity, PREC);
    arb_mul(nu, nu, nu, PREC);
    arb_mul(res, res, nu, PREC);
    arb_mul_2exp_si(res, res, 2);
    arb_clear(nu);
}

/* [RESIDUAL-20] */
static void
uniform_bounds(arb_t hamilton_jacobi, arb_t burgers, const solution_t solution)
{
    const caustic_harmonics_struct * harmonics = own(solution)->harmonics;
    arb_t first, x;

    arb_init(first);
    arb_init(x);
    defect_of_equation(hamilton_jacobi, solution, 0);
    defect_of_equation(burgers, solution, 1);
    arb_div(hamilton_jacobi, hamilton_jacobi, harmonics->least, PREC);
    arb_div(burgers, burgers, harmonics->least, PREC);
    arb_add(first, harmonics->size + 1, harmonics->defect + 1, PREC);
    arb_div(first, first, harmonics->least, PREC);
    arb_addmul(burgers, hamilton_jacobi, first, PREC);
    largest_slope(x, solution);
    arb_mul(burgers, burgers, x, PREC);
    ball_upper_end(hamilton_jacobi, hamilton_jacobi, PREC);
    ball_upper_end(burgers, burgers, PREC);
    arb_clear(first);
    arb_clear(x);
}

static void
set_verdict(outcome_t outcome, const solution_t solution)
{
    arb_t tolerance;

    arb_init(tolerance);
    arb_set_fmpq(tolerance, solution->options->tolerance, PREC);
    outcome->verdict = arb_is_finite(outcome->bound) && arb_le(outcome->bound, tolerance) ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    arb_clear(tolerance);
}

static void
residuals(outcome_t hamilton_jacobi, outcome_t burgers, const solution_t solution)
{
    const harmonic_struct * harmonic = own(solution);

    uniform_bounds(hamilton_jacobi->bound, burgers->bound, solution);
    set_verdict(hamilton_jacobi, solution);
    set_verdict(burgers, solution);
    caustic_text_printf(hamilton_jacobi->detail, "%s; %ld eigenfunctions, the rest bounded from |Im angle| <= %g by %ld boxes; phi > 0 by the"
        " maximum principle [RESIDUAL-20]", harmonic->form->proof->data, (long) harmonic->harmonics->length, harmonic->harmonics->height,
        (long) harmonic->harmonics->boxes);
    caustic_text_append(burgers->detail, "as above");
    judge_points(hamilton_jacobi, burgers, solution, harmonic->prec);
}

/* Initial data *******************************************************************************/

/* [RESIDUAL-21] |phi(., tau) - f| <= D = nu tau sup |L f|, so |u(., tau) - l| <= -2 nu log(1 - D/inf f). */
static void
initial_bound(arb_t res, const solution_t solution, const fmpq_t tau)
{
    const caustic_harmonics_struct * harmonics = own(solution)->harmonics;
    arb_struct bound[4];
    arb_t x;

    arb_init(x);
    for (slong m = 0; m < 4; m++)
    {
        arb_init(bound + m);
        arb_add(bound + m, harmonics->size + m, harmonics->defect + m, PREC);
    }
    caustic_harmonics_operator_bound(res, harmonics, bound, 0);
    arb_set_fmpq(x, solution->viscosity, PREC);
    arb_mul(res, res, x, PREC);
    arb_mul_2exp_si(x, x, 1);
    arb_div(res, res, harmonics->least, PREC);
    arb_mul_fmpz(res, res, fmpq_numref(tau), PREC);
    arb_div_fmpz(res, res, fmpq_denref(tau), PREC);
    arb_neg(res, res);
    arb_log1p(res, res, PREC);
    arb_mul(res, res, x, PREC);
    arb_neg(res, res);
    ball_upper_end(res, res, PREC);
    for (slong m = 0; m < 4; m++)
        arb_clear(bound + m);
    arb_clear(x);
}

/* The first of 10^-k, k > digits of the tolerance, at which the bound is below the tolerance. */
static void
initial_data_of_harmonics(outcome_t outcome, caustic_residual_result_t result, const solution_t solution)
{
    slong k = tolerance_digits(solution->options) + 2;
    arb_t tolerance;
    fmpq_t tau;

    arb_init(tolerance);
    fmpq_init(tau);
    arb_set_fmpq(tolerance, solution->options->tolerance, PREC);
    arb_mul_2exp_si(tolerance, tolerance, -7);
    do
    {
        power_of_ten(tau, -k);
        initial_bound(outcome->bound, solution, tau);
        k++;
    }
    while (!(arb_is_finite(outcome->bound) && arb_le(outcome->bound, tolerance)) && k < 2000);
    compare_initial_data(outcome, result, solution, tau, own(solution)->prec);
    arb_clear(tolerance);
    fmpq_clear(tau);
}

/* Parameter space ****************************************************************************/

/* phi on Theta at s by the form's second way: the theta kernel on circles, other coefficients on spheres. */
static void
second_value(arb_t res, const solution_t solution, const caustic_harmonics_t other, const arb_t s, const arb_t time)
{
    slong prec = own(solution)->prec;

    if (own(solution)->form->sphere == 2)
        caustic_circle_theta(res, other, s, time, prec);
    else
    {
        arb_ptr value = _arb_vec_init(CAUSTIC_HARMONICS_VALUES);

        caustic_harmonics_evaluate(value, other, s, time, prec);
        arb_set(res, value);
        _arb_vec_clear(value, CAUSTIC_HARMONICS_VALUES);
    }
}

/* |u_Theta(theta) - u_M(pi(theta))| at point i of Theta and the last time. */
static void
difference_at(arb_t res, const solution_t solution, const caustic_harmonics_t other, const caustic_tape * above,
    const caustic_tape * invariants, slong i)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong n = setting->parameters, d = solution->dimension, prec = own(solution)->prec;
    arb_ptr theta = _arb_vec_init(n), z = _arb_vec_init(d);
    fmpq * place = flint_calloc((size_t) n, sizeof(fmpq));
    derivatives_t phi;
    arb_t time, s;

    derivatives_init(phi, d);
    arb_init(time);
    arb_init(s);
    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);
    point_of_parameters(place, setting, i);
    for (slong a = 0; a < n; a++)
        arb_set_fmpq(theta + a, place + a, prec);

    caustic_tape_evaluate_arb(s, above, theta, prec);
    arb_set_fmpq(time, solution->options->time->upper, prec);
    second_value(res, solution, other, s, time);
    caustic_tape_evaluate_arb(z, invariants, theta, prec);
    derivatives_of_phi(phi, solution, z, solution->options->time->upper, prec);
    arb_div(res, res, phi->value, prec);
    arb_log(res, res, prec);
    arb_mul_2exp_si(res, res, 1);
    arb_set_fmpq(time, solution->viscosity, prec);
    arb_mul(res, res, time, prec);

    for (slong a = 0; a < n; a++)
        fmpq_clear(place + a);
    flint_free(place);
    derivatives_clear(phi);
    arb_clear(time);
    arb_clear(s);
    _arb_vec_clear(theta, n);
    _arb_vec_clear(z, d);
}

static void
compare_on_parameters(outcome_t outcome, const solution_t solution, const caustic_harmonics_t other, caustic_expr above)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    caustic_tape * map = caustic_tape_new(setting->pool, &above, 1, setting->parameter, setting->parameters);
    caustic_tape * invariants = caustic_tape_new(setting->pool, setting->invariant, setting->coordinates, setting->parameter,
        setting->parameters);
    arb_t difference;
    slong points = 0;
    int refuted = 0;

    arb_init(difference);
    arb_zero(outcome->bound);
    for (slong i = 0; i < 3 * SOLUTION_POINTS && map != NULL && invariants != NULL; i++)
    {
        difference_at(difference, solution, other, map, invariants, i);
        /* A point may lie where the chart, or a root of the invariants, is not defined. */
        if (!arb_is_finite(difference))
            continue;
        points++;
        refuted = refuted || !arb_contains_zero(difference);
        arb_abs(difference, difference);
        arb_max(outcome->bound, outcome->bound, difference, PREC);
    }
    set_verdict(outcome, solution);
    if (points < SOLUTION_POINTS)
        outcome->verdict = CAUSTIC_UNDECIDED;
    if (refuted)
        outcome->verdict = CAUSTIC_REFUTED;
    caustic_text_printf(outcome->detail, "on parameter space the map satisfies the same identities, from its metric alone; %s at %ld points",
        own(solution)->form->sphere == 2 ? "the theta kernel" : "a longer sum from other samples", (long) points);
    arb_clear(difference);
    caustic_tape_free(map);
    caustic_tape_free(invariants);
}

/* [RESIDUAL-22] */
static void
agree_on_parameters(outcome_t outcome, const solution_t solution)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    const harmonic_struct * harmonic = own(solution);
    caustic_expr above = caustic_substitute(setting->pool, harmonic->form->map, setting->coordinate, setting->invariant,
        setting->coordinates);
    caustic_setting_t trivial;
    caustic_reduction_t parameters;
    caustic_text_t why;

    caustic_text_init(why);
    trivial_setting(trivial, setting);
    caustic_reduction_init(parameters, trivial);
    if (!parameters->written_out || !parameters->derived)
        caustic_text_append(outcome->detail, "the Laplacian of parameter space was not derived");
    else if (is_harmonic_map(why, above, setting->parameter, setting->parameters, parameters->cometric_expr,
            parameters->drift_expr, harmonic->form, parameters->downstairs) != T_TRUE)
        caustic_text_printf(outcome->detail, "on parameter space %s", why->data);
    else
    {
        caustic_harmonics_t other;
        double nats = 2.31 * (double) tolerance_digits(solution->options) + 100;

        if (caustic_harmonics_init(other, harmonic->data, nats, solution->options->precision_limit) == CAUSTIC_OK)
            compare_on_parameters(outcome, solution, other, above);
        else
            caustic_text_append(outcome->detail, "the sum for parameter space needs too many terms");
        caustic_harmonics_clear(other);
    }
    outcome->verdict = caustic_verdict_and(outcome->verdict, caustic_checks_verdict(solution->reduction->checks));

    caustic_reduction_clear(parameters);
    caustic_setting_clear(trivial);
    caustic_text_clear(why);
}

/* The driver *********************************************************************************/

/* The bits that values take: relative to the least of them. */
static slong
value_precision(const solution_t solution)
{
    const caustic_harmonics_struct * harmonics = own(solution)->harmonics;
    arb_t ratio;
    double bits;

    arb_init(ratio);
    arb_div(ratio, harmonics->size, harmonics->least, PREC);
    arb_log(ratio, ratio, PREC);
    bits = arf_get_d(arb_midref(ratio), ARF_RND_NEAR) * 1.45;
    arb_clear(ratio);
    return 4 * tolerance_digits(solution->options) + PREC + (slong) (3 * fmin(fmax(bits, 0), 1e7));
}

static void
verify_viscosity(caustic_residual_result_t result, solution_t solution, harmonic_struct * harmonic)
{
    const char * method = harmonic->form->sphere == 2
        ? "Fourier series [HEAT-22] [HEAT-23] [RESIDUAL-20]"
        : "Gegenbauer series [HEAT-23] [HEAT-24] [RESIDUAL-20]";
    outcome_t reduction, hamilton_jacobi, burgers, initial;

    outcome_init(reduction);
    outcome_init(hamilton_jacobi);
    outcome_init(burgers);
    outcome_init(initial);
    harmonic->prec = value_precision(solution);

    agree_on_parameters(reduction, solution);
    residuals(hamilton_jacobi, burgers, solution);
    if (hamilton_jacobi->verdict != CAUSTIC_REFUTED)
        try_alterations(result, solution);
    initial_data_of_harmonics(initial, result, solution);
    add_check(result, "reduction", solution->viscosity, reduction, harmonic->form->sphere == 2
        ? "theta kernel on parameter space [HEAT-25] [RESIDUAL-22]"
        : "eigenfunctions on parameter space [RESIDUAL-22]");
    add_check(result, "hamilton_jacobi_residual", solution->viscosity, hamilton_jacobi, method);
    add_check(result, "burgers_residual", solution->viscosity, burgers, method);
    add_check(result, "initial_data", solution->viscosity, initial, "closed bound and computed values [RESIDUAL-21]");

    outcome_clear(reduction);
    outcome_clear(hamilton_jacobi);
    outcome_clear(burgers);
    outcome_clear(initial);
}

/* The data and the sum; then the checks. The form is proved. */
static void
with_form(caustic_residual_result_t result, solution_t solution, harmonic_struct * harmonic, void (* plant)(caustic_harmonics_struct *))
{
    const harmonic_form_struct * form = harmonic->form;
    double nats = 2.31 * (double) tolerance_digits(solution->options) + 60;

    solution->constant = form->constant;
    if (caustic_angular_init(harmonic->data, solution->reduction->setting->pool, form->sphere, form->symbol, form->near, form->far,
            form->rate, solution->viscosity) != CAUSTIC_OK)
        undecided(result, solution->viscosity, "the viscosity is not positive or the loss depends on something else than the coordinates");
    else
    {
        if (caustic_harmonics_init(harmonic->harmonics, harmonic->data, nats, solution->options->precision_limit) == CAUSTIC_OK)
        {
            if (plant != NULL)
                plant(harmonic->harmonics);
            verify_viscosity(result, solution, harmonic);
        }
        else
            undecided(result, solution->viscosity, "no strip of complex angles was found on which the loss is certainly holomorphic, or the"
                " sum needs too many terms or bits");
        caustic_harmonics_clear(harmonic->harmonics);
    }
    caustic_angular_clear(harmonic->data);
}

/* The loss may contain nu; the form is proved for its value. */
static void
with_viscosity(caustic_residual_result_t result, solution_t solution, harmonic_struct * harmonic, const char * kind, caustic_expr given,
    const fmpq * viscosity, void (* plant)(caustic_harmonics_struct *))
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr nu = caustic_symbol(pool, "nu"), value = caustic_number(pool, viscosity);
    caustic_expr loss = caustic_substitute(pool, solution->reduction->loss, &nu, &value, 1);
    caustic_text_t why;
    caustic_verdict verdict;

    caustic_text_init(why);
    harmonic->chart = NULL;
    solution->viscosity = viscosity;
    verdict = harmonic_form_init(harmonic->form, why, solution->reduction, kind, given,
        loss == CAUSTIC_NONE ? loss : without_angles(pool, loss));
    if (verdict == CAUSTIC_PROVED)
    {
        harmonic->chart = tape_of_map(harmonic->form->map, setting);
        if (!box_is_bounded(solution->options, setting))
            caustic_text_append(why, "the box is not a bounded part of the coordinates' domains and of positive times");
        else if (solution->equations->tape == NULL || harmonic->chart == NULL)
            caustic_text_append(why, "the equations could not be written");
        if (why->length > 0)
            verdict = CAUSTIC_UNDECIDED;
    }
    if (verdict == CAUSTIC_PROVED)
        with_form(result, solution, harmonic, plant);
    else
        refuse(result, viscosity, verdict, why->data);
    caustic_tape_free(harmonic->chart);
    harmonic_form_clear(harmonic->form);
    caustic_text_clear(why);
}

void
verify_harmonic_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    caustic_expr given, const caustic_residual_options * options, void (* plant)(caustic_harmonics_struct * harmonics))
{
    harmonic_struct harmonic;
    solution_t solution;

    solution_init(solution, reduction, options);
    solution->data = &harmonic;
    solution->derivatives = derivatives_of_phi;
    for (slong i = 0; i < options->viscosities; i++)
        with_viscosity(result, solution, &harmonic, kind, given, options->viscosity + i, plant);
    conclude_checks(result);
    solution_clear(solution);
}

void
caustic_verify_harmonic(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    caustic_expr given, const caustic_residual_options * options)
{
    verify_harmonic_planted(result, reduction, kind, given, options, NULL);
}
