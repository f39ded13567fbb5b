/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    radial_upstairs: the local entropy on parameter space against that of the half line [RESIDUAL-52].
*/

#include <string.h>
#include "base/ball.h"
#include "flat.h"
#include "radial.h"

#define PREC 64
#define ORBITS 3
#define ABOVE_DIMENSION 2 /* of kernel sums on parameter space */
#define MORE_NATS 31      /* of a second sum */

static const radial_struct *
own(const solution_struct * solution)
{
    return solution->data;
}

truth_t
field_vanishes(caustic_expr e, gr_ctx_struct * field)
{
    gr_ptr x;
    truth_t zero = T_UNKNOWN;

    GR_TMP_INIT(x, field);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, NULL, field);
    GR_TMP_CLEAR(x, field);
    return zero;
}

/* u at r, from values of its own. */
static void
entropy_at_radius(arb_t u, const solution_struct * solution, const arb_t r, const arb_t t, double more, slong prec)
{
    arb_ptr value = _arb_vec_init(RADIAL_VALUES);

    radial_values(value, solution, r, t, more, prec);
    arb_log(u, value, prec);
    arb_mul_fmpz(u, u, fmpq_numref(solution->viscosity), prec);
    arb_div_fmpz(u, u, fmpq_denref(solution->viscosity), prec);
    arb_mul_si(u, u, -2, prec);
    _arb_vec_clear(value, RADIAL_VALUES);
}

/* [RESIDUAL-52] |d rho|^2 = 1 and rho Laplace rho = n - 1 for rho = r o pi, from the metric of parameter space alone. */
static truth_t
is_radius(const solution_struct * solution, caustic_expr rho, const caustic_reduction_struct * parameters)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    caustic_pool * pool = setting->pool;
    slong n = setting->parameters;
    caustic_expr square = caustic_integer(pool, -1), laplacian = caustic_integer(pool, 0);
    truth_t unit;

    for (slong a = 0; a < n; a++)
    {
        caustic_expr first = caustic_derivative(pool, rho, setting->parameter[a]);

        laplacian = caustic_add(pool, laplacian, caustic_mul(pool, parameters->drift_expr[a], first));
        for (slong b = 0; b < n; b++)
        {
            caustic_expr entry = parameters->cometric_expr[a * n + b], other = caustic_derivative(pool, rho, setting->parameter[b]);

            square = caustic_add(pool, square, caustic_mul(pool, entry, caustic_mul(pool, first, other)));
            laplacian = caustic_add(pool, laplacian, caustic_mul(pool, entry, caustic_derivative(pool, first, setting->parameter[b])));
        }
    }
    laplacian = caustic_add(pool, caustic_mul(pool, rho, laplacian), caustic_integer(pool, 1));
    laplacian = caustic_sub(pool, laplacian, caustic_number(pool, own(solution)->flat->dimension));
    unit = field_vanishes(square, (gr_ctx_struct *) parameters->downstairs);
    return unit == T_TRUE ? field_vanishes(laplacian, (gr_ctx_struct *) parameters->downstairs) : unit;
}

/* At points of several orbits: the local entropy in flat coordinates of parameter space (above), or where that is NULL a second sum.
   Returns the number of points that were compared. */
static slong
compare_orbits(outcome_t outcome, const solution_struct * solution, caustic_expr rho, flat_struct * above)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong n = setting->parameters, points = 0, prec = radial_precision(solution);
    caustic_tape * radius = caustic_tape_new(setting->pool, &rho, 1, setting->parameter, n);
    arb_ptr theta = _arb_vec_init(n);
    fmpq * place = flint_calloc((size_t) n, sizeof(fmpq));
    arb_t r, t, up, down;

    arb_init(r);
    arb_init(t);
    arb_init(up);
    arb_init(down);
    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);
    arb_zero(outcome->bound);
    for (slong i = 0; i < ORBITS && radius != NULL; i++)
    {
        arb_set_fmpq(t, i % 2 == 0 ? solution->options->time->upper : solution->options->time->lower, prec);
        point_of_parameters(place, setting, i);
        for (slong a = 0; a < n; a++)
            arb_set_fmpq(theta + a, place + a, prec);
        caustic_tape_evaluate_arb(r, radius, theta, prec);
        entropy_at_radius(down, solution, r, t, 0, prec);
        if (above != NULL)
            flat_entropy(up, above, theta, t, tolerance_digits(solution->options) + 6, prec);
        else
            entropy_at_radius(up, solution, r, t, MORE_NATS, prec + PREC);
        arb_sub(up, up, down, prec);
        if (!arb_is_finite(up))
            continue;
        points++;
        if (!arb_contains_zero(up))
            outcome->verdict = CAUSTIC_REFUTED;
        arb_abs(up, up);
        ball_upper_end(up, up, PREC);
        arb_max(outcome->bound, outcome->bound, up, PREC);
    }
    for (slong a = 0; a < n; a++)
        fmpq_clear(place + a);
    flint_free(place);
    caustic_tape_free(radius);
    _arb_vec_clear(theta, n);
    arb_clear(r);
    arb_clear(t);
    arb_clear(up);
    arb_clear(down);
    return points;
}

/* The local entropy in the flat coordinates of parameter space itself, where its loss ties few of them; the number of points. */
static slong
compare_above(outcome_t outcome, const solution_struct * solution, caustic_expr rho, const caustic_reduction_struct * parameters)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    slong points = 0;
    caustic_expr loss = setting->loss_in_parameters ? setting->loss
        : caustic_substitute(setting->pool, setting->loss, setting->coordinate, setting->invariant, 1);
    caustic_text_t why;
    flat_t above;
    int usable;

    caustic_text_init(why);
    usable = flat_init(above, why, setting->pool, setting->parameter, setting->parameter_domain, setting->parameters,
        parameters->cometric_expr, parameters->drift_expr, NULL, loss, "x");
    for (slong i = 0; i < above->blocks && usable; i++)
        usable = above->block[i].dimension <= ABOVE_DIMENSION;
    if (usable && flat_set_viscosity(above, why, solution->viscosity))
        points = compare_orbits(outcome, solution, rho, above);
    flat_clear(above);
    caustic_text_clear(why);
    return points;
}

static void
compare_with_parameters(outcome_t outcome, const char ** method, const solution_struct * solution, caustic_expr rho,
    const caustic_reduction_struct * parameters)
{
    int reflected = fmpq_cmp_si(own(solution)->flat->dimension, 2) < 0;
    slong points = compare_above(outcome, solution, rho, parameters);

    if (points >= ORBITS)
    {
        *method = "local entropy on parameter space [HEAT-12] [RESIDUAL-52]";
        caustic_text_printf(outcome->detail, "local entropy in %ld flat parameters, across r = 0, against the quotient's at %ld points",
            (long) solution->reduction->setting->parameters, (long) points);
    }
    else if (!reflected)
    {
        points = compare_orbits(outcome, solution, rho, NULL);
        caustic_text_printf(outcome->detail, "on parameter space |dr|^2 = 1 and r Laplace r = n - 1, from its metric alone, and r = 0 is not"
            " reached; a second sum at %ld points", (long) points);
    }
    else
        caustic_text_append(outcome->detail, "whether parameter space reflects at r = 0, as the solution does, was not seen: its own kernel sum"
            " was not found");
    if (points < ORBITS)
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
}

void
radial_parameter_space(outcome_t outcome, const char ** method, const solution_struct * solution)
{
    const caustic_setting_struct * setting = solution->reduction->setting;
    caustic_expr rho = caustic_substitute(setting->pool, own(solution)->flat->map, setting->coordinate, setting->invariant, 1);
    caustic_setting_t trivial;
    caustic_reduction_t parameters;
    truth_t radius;
    arb_t tolerance;

    arb_init(tolerance);
    arb_set_fmpq(tolerance, solution->options->tolerance, PREC);
    trivial_setting(trivial, setting);
    caustic_reduction_init(parameters, trivial);
    *method = "the radius on parameter space [RESIDUAL-52]";
    radius = rho != CAUSTIC_NONE && parameters->written_out && parameters->derived ? is_radius(solution, rho, parameters) : T_UNKNOWN;
    outcome->verdict = radius == T_TRUE ? CAUSTIC_PROVED : radius == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
    if (radius != T_TRUE)
        caustic_text_printf(outcome->detail, "on parameter space the radius %s |dr|^2 = 1 and r Laplace r = n - 1",
            radius == T_FALSE ? "does not have" : "is not seen to have");
    else if (setting->generators == 0 && setting->elements == 0)
    {
        arb_zero(outcome->bound);
        caustic_text_printf(outcome->detail, "the quotient is parameter space itself%s",
            fmpq_cmp_si(own(solution)->flat->dimension, 2) >= 0 ? ""
            : "; parameter space ends at r = 0: that the solution is reflected there is the choice of the normal form");
    }
    else
    {
        compare_with_parameters(outcome, method, solution, rho, parameters);
        if (!arb_lt(outcome->bound, tolerance))
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
    }
    if (caustic_checks_verdict(solution->reduction->checks) != CAUSTIC_PROVED)
    {
        outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
        caustic_text_append(outcome->detail, "; not every identity of the reduction is proved");
    }
    arb_clear(tolerance);
    caustic_reduction_clear(parameters);
    caustic_setting_clear(trivial);
}
