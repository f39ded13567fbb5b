/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/family.h>
#include <caustic/focal.h>
#include <caustic/heat.h>
#include <caustic/shock.h>
#include "shock_record.h"

/* The integrator takes a minute for 1000 digits, and agreement to this many is as convincing. */
#define SECOND_ROUTE_DIGITS 50

/* Bits beyond which the second route is not worth its time: four times what the digits take. */
#define SECOND_ROUTE_PRECISION(digits) (256 + 14 * (digits))

static const char *
scope_name(caustic_shock_scope scope)
{
    switch (scope)
    {
        case CAUSTIC_SCOPE_GLOBAL: return "global";
        case CAUSTIC_SCOPE_LOCAL: return "local";
        case CAUSTIC_SCOPE_RAY: return "ray";
    }

    flint_throw(FLINT_ERROR, "scope_name: %d is no scope\n", (int) scope);
}

json_t *
json_ball(const arb_t ball, slong digits)
{
    char * text = arb_get_str(ball, digits, 0);
    json_t * string = json_string(text);

    flint_free(text);
    return string;
}

void
append_route(json_t * routes, const char * name, const arb_t time, int known, const char * detail, slong digits)
{
    json_t * route = json_object();

    json_object_set_new(route, "name", json_string(name));
    if (known)
        json_set_bounds(route, time, digits + EXTRA_DIGITS);
    if (detail != NULL)
        json_object_set_new(route, "detail", json_string(detail));
    json_array_append_new(routes, route);
}

/* To how many digits the enclosures are known to agree: |a - b| <= 10^-n a for all numbers in them. */
static slong
digits_of_agreement(const arb_t a, const arb_t b, slong most)
{
    arb_t difference;
    slong n = 0;

    arb_init(difference);
    arb_sub(difference, a, b, 64 + 4 * most);
    arb_abs(difference, difference);
    for (arb_mul_ui(difference, difference, 10, 64); n < most && arb_le(difference, a); n++)
        arb_mul_ui(difference, difference, 10, 64);
    arb_clear(difference);
    return n;
}

void
set_agreement(json_t * record, const arb_t first, const arb_t second, slong digits)
{
    json_t * agreement = json_object();

    json_object_set_new(agreement, "overlap", json_boolean(arb_overlaps(first, second)));
    json_object_set_new(agreement, "digits", json_integer(digits_of_agreement(first, second, digits + EXTRA_DIGITS)));
    json_object_set_new(record, "agreement", agreement);
}

/* Whether every characteristic lives for all times: parameter space is complete, and so is its
   image under a Riemannian submersion, or neither end of a line is at a finite distance, or flat coordinates map
   the quotient onto the line, the plane, ... */
int
quotient_is_complete(const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_flattening_t flat;
    caustic_chart_t chart;
    int complete = 1;

    for (slong i = 0; i < reduction->assumptions_length; i++)
        complete = complete && strcmp(reduction->assumptions[i], "completeness") != 0;

    if (complete)
        return 1;

    if (setting->coordinates > 1)
    {
        caustic_chart_init(chart, setting->coordinates);
        complete = caustic_chart_find(chart, setting->pool, setting->coordinate, setting->coordinate_domain,
            reduction->cometric_expr, reduction->drift_expr, NULL, "s") == CAUSTIC_OK && chart->proved;
        caustic_chart_clear(chart);
        return complete;
    }

    if (caustic_line_is_complete(gr_mat_entry_srcptr(reduction->cometric, 0, 0, (gr_ctx_struct *) reduction->downstairs),
            setting->coordinate_domain, (gr_ctx_struct *) reduction->downstairs))
        return 1;

    caustic_flattening_init(flat);
    complete = caustic_flatten(flat, setting->pool, setting->coordinate[0], setting->coordinate_domain,
            reduction->cometric_expr[0], reduction->drift_expr[0], CAUSTIC_NONE) == CAUSTIC_OK && flat->onto;
    caustic_flattening_clear(flat);
    return complete;
}

/* The point whose characteristic is followed: the minimiser, or the place whose focal time is known; or, where jets of characteristics were integrated, the
   middle of the minimiser's balls, which has its focal time in the same ball. */
static void
set_witness(arb_ptr res, const caustic_shock_result_t shock)
{
    for (slong k = 0; k < shock->dimension; k++)
    {
        arb_set(res + k, shock->at + k);
        if (shock->integrated && !arb_is_finite(shock->there))
            mag_zero(arb_radref(res + k));
    }
}

/* The focal time that the first route found where the second one looks. */
static arb_srcptr
first_time(const caustic_shock_result_t shock)
{
    return arb_is_finite(shock->there) ? shock->there : shock->time;
}

/* The second route: the characteristic from the minimiser, integrated in parameter space. 1 if it
   focuses there too, within the same bounds; 0, with the reason in the detail, if the two routes
   exclude each other (on a complete quotient one of them is then wrong); -1 without a result. */
static int
second_route(json_t * record, json_t * routes, caustic_text_t detail, const caustic_reduction_t reduction,
    const caustic_shock_result_t shock, slong digits, int complete, const caustic_run_options * options)
{
    caustic_error_t error;
    arb_t time, limit;
    arb_ptr witness = _arb_vec_init(shock->dimension);
    int agrees = -1;

    digits = FLINT_MIN(digits, SECOND_ROUTE_DIGITS);
    set_witness(witness, shock);
    caustic_error_init(error);
    arb_init(time);
    arb_init(limit);
    arb_mul_2exp_si(limit, shock->time, 1);

    if (caustic_characteristic_focal_time(time, reduction->setting, reduction->loss, witness, limit,
            digits, FLINT_MIN(options->precision_limit, SECOND_ROUTE_PRECISION(digits)), error) == CAUSTIC_OK)
    {
        append_route(routes, "characteristics", time, 1, NULL, digits);
        set_agreement(record, first_time(shock), time, digits);
        agrees = arb_overlaps(time, first_time(shock)) != 0;

        if (!agrees)
            caustic_text_append(detail, complete
                ? "; the two routes exclude each other, which is a defect of Caustic: please report it"
                : "; in parameter space the projection of the characteristic degenerates at another time: the"
                  " characteristic seems to reach the end of the domain");
    }
    else
    {
        append_route(routes, "characteristics", time, 0, error->message, digits);
    }

    _arb_vec_clear(witness, shock->dimension);
    arb_clear(time);
    arb_clear(limit);
    caustic_error_clear(error);
    return agrees;
}

/* A focal time counts only where its characteristic lives until then [SHOCK-15]. */
static caustic_verdict
characteristic_lives(json_t * record, json_t * routes, caustic_text_t detail, const caustic_reduction_t reduction,
    const caustic_shock_result_t shock, slong digits, const caustic_run_options * options)
{
    int punctured = caustic_reduction_is_punctured(reduction), agrees = -1;
    int complete = !punctured && quotient_is_complete(reduction);

    if (shock->attained == 1 && _arb_vec_is_finite(shock->at, shock->dimension))
        agrees = second_route(record, routes, detail, reduction, shock, digits, complete, options);

    if (agrees == 1 || (complete && agrees == -1))
        return CAUSTIC_PROVED;

    if (agrees == -1 && punctured)
        caustic_text_append(detail, "; but the stratum leaves holes in the quotient, or is not seen to leave none,"
            " and the characteristic may run into one before it focuses");
    else if (agrees == -1)
        caustic_text_append(detail, "; but the quotient is not proved complete, and the characteristic could not be"
            " followed to its focal time inside the domain: it may leave it before it focuses");

    return CAUSTIC_UNDECIDED;
}

static void
set_minimisers(json_t * record, const caustic_setting_struct * setting, const caustic_shock_result_t shock, slong digits)
{
    if (shock->minimisers == 1 && shock->attained == 1)
    {
        json_t * list = json_array();

        for (slong i = 0; i < setting->coordinates; i++)
        {
            json_t * at = json_object();

            json_object_set_new(at, "name", json_string(caustic_expr_name(setting->pool, setting->coordinate[i])));
            json_set_bounds(at, shock->at + i, digits + EXTRA_DIGITS);
            json_object_set_new(at, "ball", json_ball(shock->at + i, digits));
            json_array_append_new(list, at);
        }
        json_object_set_new(record, "at", list);
    }
    else if (shock->minimisers < 0)
        json_object_set_new(record, "minimisers", json_string("many"));
    else if (shock->minimisers > 1)
        json_object_set_new(record, "minimisers", json_integer(shock->minimisers));
}

/* What was said of a focal time that no characteristic is proved to reach. */
static void
withdraw(json_t * record, caustic_shock_result_t shock)
{
    static const char * const keys[] = {"shock", "time", "attained", "at", "minimisers"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        json_object_del(record, keys[i]);

    if (shock->claim_time != 0)
        shock->claim_time = CAUSTIC_UNDECIDED;
    if (shock->claim_at != 0)
        shock->claim_at = CAUSTIC_UNDECIDED;
    flint_free(shock->claim_detail);
    shock->claim_detail = caustic_string_copy("T* itself is undecided");
}

static caustic_verdict
set_claim(json_t * record, const caustic_case_t problem, const caustic_shock_result_t shock)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    json_t * claim;

    if (shock->claim_time == 0 && shock->claim_at == 0)
        return verdict;

    if (shock->claim_time != 0)
        verdict = caustic_verdict_and(verdict, shock->claim_time);
    if (shock->claim_at != 0)
        verdict = caustic_verdict_and(verdict, shock->claim_at);

    claim = json_object();
    json_object_set_new(claim, "formula", json_string(problem->claims.shock_time_text == NULL
        ? "" : problem->claims.shock_time_text));
    json_object_set_new(claim, "verdict", json_verdict(verdict));
    json_object_set_new(claim, "exact", json_boolean(shock->claim_exact));
    json_object_set_new(claim, "detail", json_string(shock->claim_detail == NULL ? "" : shock->claim_detail));
    json_object_set_new(record, "claim", claim);
    return verdict;
}

slong
digits_asked(const caustic_case_t problem, const caustic_run_options * options)
{
    return options->digits > 0 ? options->digits : problem->shock.digits;
}

void
line_shock(caustic_shock_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    caustic_shock_problem shock;

    shock.pool = setting->pool;
    shock.z = setting->coordinate[0];
    caustic_interval_init(shock.domain);
    caustic_interval_set(shock.domain, setting->coordinate_domain);
    caustic_interval_init(shock.box);
    caustic_interval_set(shock.box, problem->shock.box);
    shock.cometric = reduction->cometric_expr[0];
    shock.loss = reduction->loss;
    shock.digits = digits_asked(problem, options);
    shock.precision_limit = options->precision_limit;
    shock.box_limit = SHOCK_BOX_LIMIT;
    shock.claimed_time = problem->claims.shock_time;
    shock.claimed_at = problem->claims.shock_at == NULL ? CAUSTIC_NONE : problem->claims.shock_at[0];
    shock.claimed_none = problem->claims.no_shock;
    caustic_shock_global_1d(result, &shock);
    caustic_interval_clear(shock.domain);
    caustic_interval_clear(shock.box);
}

/* Steps of integrations that some ten seconds are enough for, on a quotient that has so many dimensions and no parallel curvature. */
static const slong integrated_steps[] = {0, 15000, 15000, 5000, 2500, 300};

#define MOST_INTEGRATED ((slong) (sizeof(integrated_steps) / sizeof(integrated_steps[0])) - 1)

/* Jets of order 3 in 8 variables have 165 coefficients, for each of 16 equations. */
#define MOST_FOR_JETS ((slong) 8)

/* Where neither flatness nor parallel curvature gives a formula. */
static void
integrated_shock(caustic_shock_result_t result, const caustic_shock_flat_problem * shock, caustic_shock_scope scope,
    const caustic_reduction_t reduction)
{
    caustic_focal_problem characteristics;
    caustic_error_t error;
    caustic_result status;

    caustic_error_init(error);
    status = caustic_focal_downstairs(&characteristics, reduction->setting, reduction->cometric_expr, reduction->loss, error);
    if (status == CAUSTIC_OK && shock->dimension > (scope == CAUSTIC_SCOPE_LOCAL ? MOST_FOR_JETS : MOST_INTEGRATED))
        status = caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0, "the quotient is not seen to be flat or locally symmetric, and boxes of"
            " characteristics are integrated on up to %ld coordinates, their jets for the scope local on up to %ld: ask for rays", (long) MOST_INTEGRATED, (long) MOST_FOR_JETS);
    if (status == CAUSTIC_OK && scope == CAUSTIC_SCOPE_LOCAL)
        caustic_shock_integrated_local(result, shock, &characteristics);
    else if (status == CAUSTIC_OK)
        caustic_shock_integrated_global(result, shock, &characteristics, integrated_steps[shock->dimension]);
    else
    {
        flint_free(result->detail);
        result->detail = caustic_string_copy(error->message);
    }
    caustic_focal_problem_clear(&characteristics);
    caustic_error_clear(error);
}

static void
flat_shock(caustic_shock_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    caustic_shock_flat_problem shock;

    shock.pool = setting->pool;
    shock.dimension = setting->coordinates;
    shock.z = setting->coordinate;
    shock.domain = setting->coordinate_domain;
    shock.cometric = reduction->cometric_expr;
    shock.drift = reduction->drift_expr;
    shock.loss = reduction->loss;
    shock.box = problem->shock.box;
    shock.digits = digits_asked(problem, options);
    shock.precision_limit = options->precision_limit;
    shock.box_limit = 0;
    shock.points = problem->shock.points;
    shock.point = problem->shock.point;
    shock.claimed_time = problem->claims.shock_time;
    shock.claimed_at = problem->claims.shock_at;
    shock.claimed_none = problem->claims.no_shock;
    if (problem->shock.scope == CAUSTIC_SCOPE_LOCAL)
        caustic_shock_flat_local(result, &shock);
    else
        caustic_shock_flat_global(result, &shock);
    if (result->general && result->verdict != CAUSTIC_PROVED)
        integrated_shock(result, &shock, problem->shock.scope, reduction);
}

/* A decimal rounded down or up. */
static json_t *
json_bound(const arb_t bound, slong digits, int up)
{
    caustic_text_t text;
    json_t * string;

    caustic_text_init(text);
    if (up)
        caustic_print_upper(text, bound, digits);
    else
        caustic_print_lower(text, bound, digits);
    string = json_string(text->data);
    caustic_text_clear(text);
    return string;
}

/* The one-sided bounds of T*. The upper one counts only where characteristics live [SHOCK-15]. */
static void
set_bracket(json_t * record, const caustic_shock_result_t shock, const caustic_reduction_struct * reduction, slong digits)
{
    int lives = reduction == NULL || shock->integrated || (!caustic_reduction_is_punctured(reduction) && quotient_is_complete(reduction));
    json_t * bracket;
    arb_t bound;

    if (!shock->bracket)
        return;
    bracket = json_object();
    arb_init(bound);
    if (arf_sgn(shock->earliest) > 0)
    {
        arb_set_arf(bound, shock->earliest);
        json_object_set_new(bracket, "lower", json_bound(bound, digits + EXTRA_DIGITS, 0));
    }
    if (arf_is_finite(shock->latest) && lives)
    {
        arb_set_arf(bound, shock->latest);
        json_object_set_new(bracket, "upper", json_bound(bound, digits + EXTRA_DIGITS, 1));
    }
    if (!lives)
        json_object_del(record, "time");
    json_object_set_new(bracket, "how", json_string(shock->bracket_detail));
    json_object_set_new(record, "bracket", bracket);
    arb_clear(bound);
}

caustic_verdict
record_shock(json_t * record, caustic_shock_result_t shock, const caustic_case_t problem,
    const caustic_reduction_struct * reduction, const caustic_run_options * options)
{
    slong digits = digits_asked(problem, options);
    caustic_verdict verdict = shock->verdict;
    json_t * routes = json_array();
    caustic_text_t detail;

    caustic_text_init(detail);
    caustic_text_append(detail, shock->detail == NULL ? "" : shock->detail);

    if (verdict == CAUSTIC_PROVED)
        json_object_set_new(record, "shock", json_boolean(shock->shock));

    if (verdict != CAUSTIC_PROVED || shock->shock)
    {
        if (arb_is_finite(shock->time))
        {
            json_t * time = json_object();

            json_set_bounds(time, shock->time, digits + EXTRA_DIGITS);
            json_object_set_new(time, "ball", json_ball(shock->time, digits));
            json_object_set_new(record, "time", time);
            append_route(routes, "curvature", first_time(shock), 1, arb_is_finite(shock->there) ? "at the place of the upper bound" : NULL, digits);
        }
    }

    if (verdict == CAUSTIC_PROVED && shock->shock)
    {
        if (shock->attained >= 0)
            json_object_set_new(record, "attained", json_boolean(shock->attained));
        set_minimisers(record, problem->setting, shock, digits);
        if (reduction != NULL && shock->integrated)
            verdict = second_route(record, routes, detail, reduction, shock, digits, 1, options) == 0 ? CAUSTIC_UNDECIDED : CAUSTIC_PROVED;
        else if (reduction != NULL)
            verdict = characteristic_lives(record, routes, detail, reduction, shock, digits, options);

        if (verdict != CAUSTIC_PROVED)
            withdraw(record, shock);
    }

    set_bracket(record, shock, reduction, digits);
    json_object_set_new(record, "routes", routes);
    if (shock->integrated)
        json_object_set_new(record, "method", json_string(problem->shock.scope == CAUSTIC_SCOPE_LOCAL ? "jets of characteristics" : "boxes of characteristics"));
    else if (shock->curved)
        json_object_set_new(record, "method", json_string("parallel curvature"));
    else if (shock->general && verdict == CAUSTIC_PROVED)
        json_object_set_new(record, "method", json_string("curvature nowhere positive"));
    verdict = caustic_verdict_and(verdict, set_claim(record, problem, shock));
    json_object_set_new(record, "detail", json_string(detail->data));
    caustic_text_clear(detail);
    return verdict;
}

static caustic_verdict
certify_shock(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options)
{
    caustic_shock_result_t shock;
    caustic_verdict verdict;

    caustic_shock_result_init(shock);
    if (problem->setting->coordinates == 1 && problem->shock.scope == CAUSTIC_SCOPE_GLOBAL)
        line_shock(shock, problem, reduction, options);
    else
        flat_shock(shock, problem, reduction, options);
    verdict = record_shock(record, shock, problem, reduction, options);
    caustic_shock_result_clear(shock);
    return verdict;
}

static json_t *
coordinate_names(const caustic_setting_struct * setting)
{
    json_t * names = json_array();

    for (slong i = 0; i < setting->coordinates; i++)
        json_array_append_new(names, json_string(caustic_expr_name(setting->pool, setting->coordinate[i])));
    return names;
}

json_t *
caustic_report_shock(const caustic_case_t problem, const caustic_run_options * options)
{
    caustic_reduction_t reduction;
    caustic_verdict verdict;
    json_t * record;

    if (!problem->shock.present || problem->setting->loss == CAUSTIC_NONE)
        return NULL;

    record = record_new(problem);
    caustic_reduction_init(reduction, problem->setting);
    json_object_set_new(record, "scope", json_string(scope_name(problem->shock.scope)));
    json_object_set_new(record, "coordinates", coordinate_names(problem->setting));

    if (record_reduction(record, &verdict, reduction))
    {
        if (problem->shock.scope == CAUSTIC_SCOPE_RAY)
            verdict = ray_shock(record, problem, reduction, options);
        else if (!caustic_reduction_write_out(reduction))
        {
            verdict = CAUSTIC_UNDECIDED;
            json_object_set_new(record, "detail",
                json_string("the quotient has too many dimensions for its Hessian to be written out"));
        }
        else
            verdict = certify_shock(record, problem, reduction, options);
        verdict = caustic_verdict_and(verdict, record_theorem(record, problem));
        if (options->viscous || options->after)
            verdict = caustic_verdict_and(verdict, record_front(record, problem, reduction, options));
    }

    record_conclude(record, verdict, problem, CAUSTIC_COMMAND_SHOCK);
    caustic_reduction_clear(reduction);
    return record;
}
