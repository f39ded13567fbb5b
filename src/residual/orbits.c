/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    orbits: where the metric is not invariant the local entropy of an invariant loss is not invariant either, and
    there is no function on the quotient that an equation could be about. Two points of one orbit show it.
*/

#include <string.h>
#include "solution.h"

#define POINTS_TRIED 20

/* u = -2 nu log phi at the point of parameter space that the tape's roots give. */
static void
entropy_at(arb_t res, const caustic_spectral_t space, arb_srcptr theta, const fmpq_t viscosity, const fmpq_t t, slong prec)
{
    arb_ptr amplitudes = _arb_vec_init(space->length);
    fmpq_t time;
    arb_t nu;

    fmpq_init(time);
    arb_init(nu);
    fmpq_mul(time, viscosity, t);
    arb_set_fmpq(nu, time, prec);
    caustic_spectral_amplitudes(amplitudes, space, nu, prec);
    caustic_spectral_evaluate(res, space, amplitudes, NULL, 0, theta, prec);
    arb_log(res, res, prec);
    arb_set_fmpq(nu, viscosity, prec);
    arb_mul(res, res, nu, prec);
    arb_mul_si(res, res, -2, prec);
    _arb_vec_clear(amplitudes, space->length);
    fmpq_clear(time);
    arb_clear(nu);
}

static void
say_points(caustic_text_t out, const caustic_setting_struct * setting, arb_srcptr theta)
{
    for (slong a = 0; a < setting->parameters; a++)
    {
        char * value = arb_get_str(theta + a, 10, ARB_STR_NO_RADIUS);

        caustic_text_printf(out, "%s%s = %s", a == 0 ? "" : ", ", caustic_expr_name(setting->pool, setting->parameter[a]), value);
        flint_free(value);
    }
}

/* Looks for a point whose entropy differs from that of the section's point on its orbit. */
static void
compare(outcome_t outcome, const caustic_spectral_t space, const caustic_setting_struct * setting, const caustic_tape * section,
    const fmpq * viscosity, const caustic_residual_options * options)
{
    slong n = setting->parameters, prec = 4 * tolerance_digits(options) + 128;
    arb_ptr theta = _arb_vec_init(n), other = _arb_vec_init(n);
    fmpq * place = flint_malloc((size_t) n * sizeof(fmpq));
    arb_t u, v;

    arb_init(u);
    arb_init(v);
    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);

    for (slong i = 0; i < POINTS_TRIED && outcome->verdict != CAUSTIC_REFUTED; i++)
    {
        point_of_parameters(place, setting, i);
        for (slong a = 0; a < n; a++)
            arb_set_fmpq(theta + a, place + a, prec);
        caustic_tape_evaluate_arb(other, section, theta, prec);
        entropy_at(u, space, theta, viscosity, options->time->upper, prec);
        entropy_at(v, space, other, viscosity, options->time->upper, prec);

        if (arb_is_finite(u) && arb_is_finite(v) && !arb_overlaps(u, v))
        {
            char * first = arb_get_str(u, 10, ARB_STR_NO_RADIUS), * second = arb_get_str(v, 10, ARB_STR_NO_RADIUS);

            outcome->verdict = CAUSTIC_REFUTED;
            arb_sub(outcome->bound, u, v, prec);
            arb_abs(outcome->bound, outcome->bound);
            caustic_text_printf(outcome->detail, "the local entropy on parameter space is %s at ", first);
            say_points(outcome->detail, setting, theta);
            caustic_text_printf(outcome->detail, " and %s at ", second);
            say_points(outcome->detail, setting, other);
            caustic_text_append(outcome->detail, ", two points of one orbit: it is no function on the quotient");
            flint_free(first);
            flint_free(second);
        }
    }
    if (outcome->verdict != CAUSTIC_REFUTED)
        caustic_text_append(outcome->detail, "the local entropy was not seen to differ on one orbit");

    for (slong a = 0; a < n; a++)
        fmpq_clear(place + a);
    flint_free(place);
    arb_clear(u);
    arb_clear(v);
    _arb_vec_clear(theta, n);
    _arb_vec_clear(other, n);
}

void
caustic_verify_orbits(caustic_residual_result_t result, const caustic_reduction_t reduction, const caustic_residual_options * options)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    slong n = setting->parameters;
    caustic_expr * section = flint_malloc((size_t) n * sizeof(caustic_expr));
    caustic_expr density = setting->density;
    caustic_setting_t trivial;
    caustic_reduction_t parameters;
    caustic_spectral_t space;
    caustic_tape * tape;
    caustic_text_t why;
    int usable;

    caustic_text_init(why);
    if (!setting->loss_in_parameters)
        density = caustic_substitute(pool, density, setting->coordinate, setting->invariant, setting->coordinates);
    for (slong a = 0; a < n; a++)
        section[a] = caustic_substitute(pool, setting->section[a], setting->coordinate, setting->invariant, setting->coordinates);
    tape = caustic_tape_new(pool, section, n, setting->parameter, n);
    trivial_setting(trivial, setting);
    caustic_reduction_init(parameters, trivial);
    usable = tape != NULL && parameters->written_out;
    if (usable)
    {
        usable = caustic_spectral_init(space, why, pool, setting->parameter, n, parameters->cometric_expr, parameters->drift_expr,
            density) == CAUSTIC_OK;
        for (slong i = 0; i < options->viscosities && usable; i++)
        {
            outcome_t outcome;

            outcome_init(outcome);
            compare(outcome, space, setting, tape, options->viscosity + i, options);
            add_check(result, "reduction", options->viscosity + i, outcome, "exact space of polynomials on parameter space");
            outcome_clear(outcome);
        }
        caustic_spectral_clear(space);
    }
    conclude_checks(result);

    caustic_tape_free(tape);
    caustic_reduction_clear(parameters);
    caustic_setting_clear(trivial);
    caustic_text_clear(why);
    flint_free(section);
}
