/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    geometries: the quotient's equation and shock time in the case's own metric, beside those of training: on the
    whole quotient where its drift projects to -K dl, else on leaves of the charges, with K_c.
*/

#include <string.h>
#include "report_internal.h"

/* Equations **********************************************************************************/

/* {"hamilton_jacobi", "burgers"} of a cometric, without viscosity. */
json_t *
json_inviscid(caustic_pool * pool, const caustic_expr * coordinate, slong d, const caustic_expr * cometric)
{
    caustic_expr * drift = flint_malloc((size_t) FLINT_MAX(d, 1) * sizeof(caustic_expr));
    json_t * object = json_object();
    json_t * burgers = json_array();
    caustic_equations_t equations;
    caustic_text_t text;

    for (slong i = 0; i < d; i++)
        drift[i] = caustic_integer(pool, 0);
    caustic_equations_init(equations, pool, coordinate, d, cometric, drift, NULL);
    caustic_text_init(text);
    caustic_expr_print(text, pool, equations->hamilton_jacobi.left);
    caustic_text_append(text, " = 0");
    json_object_set_new(object, "hamilton_jacobi", json_string(text->data));
    for (slong k = 0; k < d; k++)
    {
        caustic_text_reset(text);
        caustic_expr_print(text, pool, equations->burgers[k].left);
        caustic_text_append(text, " = 0");
        json_array_append_new(burgers, json_string(text->data));
    }
    json_object_set_new(object, "burgers", burgers);

    caustic_text_clear(text);
    caustic_equations_clear(equations);
    flint_free(drift);
    return object;
}

/* Shock times ********************************************************************************/

/* A manifold in the quotient's coordinates with a cometric of its own: a case without a group. */
typedef struct
{
    caustic_case_struct problem; /* borrows all but the setting */
    caustic_setting_t setting;
}
chart_struct;

static void
chart_init(chart_struct * chart, const caustic_case_t problem, const caustic_expr * coordinate, const caustic_interval_struct * domain,
    const caustic_expr * cometric, caustic_expr loss)
{
    const caustic_setting_struct * from = problem->setting;
    slong d = from->coordinates;

    caustic_setting_init(chart->setting, from->pool);
    caustic_setting_allocate(chart->setting, d, 0, 0, d);
    for (slong i = 0; i < d; i++)
    {
        chart->setting->parameter[i] = chart->setting->coordinate[i] = coordinate[i];
        chart->setting->invariant[i] = chart->setting->section[i] = coordinate[i];
        caustic_interval_set(chart->setting->parameter_domain + i, domain + i);
        caustic_interval_set(chart->setting->coordinate_domain + i, domain + i);
    }
    for (slong i = 0; i < d * d; i++)
        chart->setting->inverse_metric[i] = cometric[i];
    chart->setting->loss = loss;
    chart->setting->density = CAUSTIC_NONE;

    /* What the case claims and expects is about its quotient. */
    chart->problem = *problem;
    chart->problem.setting[0] = chart->setting[0];
    memset(&chart->problem.claims, 0, sizeof(chart->problem.claims));
    chart->problem.claims.shock_time = CAUSTIC_NONE;
    chart->problem.parameters_on = 0;
    chart->problem.family = NULL;
    memset(chart->problem.expect, 0, sizeof(chart->problem.expect));
}

static void
chart_clear(chart_struct * chart)
{
    caustic_setting_clear(chart->setting);
}

/* The domains become whole lines: the cometric and the loss are continued by their formulas. */
static void
chart_extend(chart_struct * chart)
{
    for (slong i = 0; i < chart->setting->coordinates; i++)
    {
        caustic_interval_struct * domains[2] = {chart->setting->parameter_domain + i, chart->setting->coordinate_domain + i};

        for (int k = 0; k < 2; k++)
        {
            caustic_interval_clear(domains[k]);
            caustic_interval_init(domains[k]);
        }
    }
}

static int
is_whole(const caustic_setting_struct * setting)
{
    int whole = 1;

    for (slong i = 0; i < setting->coordinates; i++)
        whole = whole && setting->coordinate_domain[i].lower_infinite && setting->coordinate_domain[i].upper_infinite;
    return whole;
}

static void
copy_keys(json_t * to, const json_t * from)
{
    static const char * const keys[] = {"verdict", "scope", "shock", "time", "attained", "at", "minimisers", "detail"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_object_get(from, keys[i]) != NULL)
            json_object_set(to, keys[i], json_object_get(from, keys[i]));
}

static json_t *
shock_of_chart(chart_struct * chart, const caustic_run_options * options)
{
    chart->problem.setting[0] = chart->setting[0];
    return caustic_report_shock(&chart->problem, options);
}

/* In the chart's own domain; where characteristics leave that, and the formulas allow it, on the whole line. */
static json_t *
json_shock_of_chart(chart_struct * chart, const caustic_run_options * options)
{
    json_t * shock = shock_of_chart(chart, options), * object = NULL, * whole;

    if (shock != NULL)
    {
        object = json_object();
        copy_keys(object, shock);
        if (strcmp(text_of(shock, "verdict"), "UNDECIDED") == 0 && !is_whole(chart->setting))
        {
            chart_extend(chart);
            whole = shock_of_chart(chart, options);
            if (whole != NULL && strcmp(text_of(whole, "verdict"), "PROVED") == 0)
            {
                json_object_set_new(object, "within_domain", json_string(text_of(shock, "detail")));
                json_object_del(object, "time");
                copy_keys(object, whole);
                json_object_set_new(object, "domain", json_string("(-inf, inf)"));
            }
            json_decref(whole);
        }
    }
    json_decref(shock);
    return object;
}

static int
asks_for_shock(const caustic_case_t problem)
{
    return problem->shock.present && problem->setting->coordinates == 1 && problem->shock.scope == CAUSTIC_SCOPE_GLOBAL;
}

/* [AUDIT-10] The shock time of a cometric on the case's box. NULL where the case asks for none with one coordinate on a box. */
static json_t *
json_chart_shock(const caustic_case_t problem, const caustic_expr * cometric, caustic_expr loss, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    chart_struct chart;
    json_t * object;

    if (loss == CAUSTIC_NONE || !asks_for_shock(problem))
        return NULL;
    chart_init(&chart, problem, setting->coordinate, setting->coordinate_domain, cometric, loss);
    object = json_shock_of_chart(&chart, options);
    chart_clear(&chart);
    return object;
}

/* A leaf in a chart of its own *******************************************************************/

#define END_PRECISION 4096

/* |z(v)| against |end|: -1, 1, or 0 where the balls do not tell. */
static int
compare_at(const caustic_tape * tape, const fmpq_t v, const fmpq_t end)
{
    arb_t x, z, goal;
    int sign = 0;

    arb_init(x);
    arb_init(z);
    arb_init(goal);
    arb_set_fmpq(x, v, END_PRECISION);
    arb_set_fmpq(goal, end, END_PRECISION);
    caustic_tape_evaluate_arb(z, tape, x, END_PRECISION);
    arb_abs(z, z);
    arb_abs(goal, goal);
    if (arb_is_finite(z))
        sign = arb_lt(z, goal) ? -1 : arb_gt(z, goal) ? 1 : 0;
    arb_clear(x);
    arb_clear(z);
    arb_clear(goal);
    return sign;
}

/* Fractions on both sides of the v with z(v) = end, no further apart than 2^(1 - bits) times the larger; |z| grows with |v|. */
static int
bracket_end(fmpq_t below, fmpq_t above, const caustic_tape * tape, int side, const fmpq_t end, slong bits)
{
    fmpq_t middle, step;
    int sign = -1;

    fmpq_init(middle);
    fmpq_init(step);
    fmpq_zero(below);
    fmpq_set_si(above, side, 1);
    while (sign < 0 && fmpz_bits(fmpq_numref(above)) < 1000 && (sign = compare_at(tape, above, end)) < 0)
    {
        fmpq_set(below, above);
        fmpq_mul_2exp(above, above, 1);
    }
    for (slong i = 0; i < bits && sign != 0; i++)
    {
        fmpq_add(middle, below, above);
        fmpq_div_2exp(middle, middle, 1);
        sign = compare_at(tape, middle, end);
        if (sign != 0)
            fmpq_set(sign < 0 ? below : above, middle);
    }
    if (sign == 0)
    {
        /* z(middle) is the end, as far as can be seen */
        fmpq_set(middle, fmpq_cmp(below, above) != 0 && compare_at(tape, above, end) == 0 ? above : middle);
        fmpq_div_2exp(step, middle, (ulong) bits);
        fmpq_sub(below, middle, step);
        fmpq_add(above, middle, step);
    }
    sign = compare_at(tape, below, end) < 0 && compare_at(tape, above, end) > 0;
    fmpq_clear(middle);
    fmpq_clear(step);
    return sign;
}

/* The case's box in v: `outer` holds it, and `inner` lies in it. */
static int
boxes_in_chart(caustic_interval_t outer, caustic_interval_t inner, const caustic_leaf_chart * chart, const caustic_case_t problem, slong bits)
{
    const caustic_setting_struct * setting = problem->setting;
    const caustic_interval_struct * box = problem->shock.box;
    caustic_expr v = setting->parameter[chart->parameter];
    caustic_tape * tape = caustic_tape_new(setting->pool, &chart->z, 1, &v, 1);
    int side = caustic_interval_is_negative(setting->parameter_domain + chart->parameter) ? -1 : 1, found = tape != NULL;
    /* far from 0 and near to 0, of z and of v */
    int far_upper = box->upper_infinite || (!box->lower_infinite && fmpq_sgn(box->upper) > 0);
    fmpq_t near[2], far[2];

    fmpq_init(near[0]);
    fmpq_init(near[1]);
    fmpq_init(far[0]);
    fmpq_init(far[1]);
    found = found && bracket_end(near[0], near[1], tape, side, far_upper ? box->lower : box->upper, bits);
    caustic_interval_set(outer, setting->parameter_domain + chart->parameter);
    if (found && !(far_upper ? box->upper_infinite : box->lower_infinite))
    {
        found = bracket_end(far[0], far[1], tape, side, far_upper ? box->upper : box->lower, bits);
        fmpq_set(side > 0 ? outer->upper : outer->lower, far[1]);
        *(side > 0 ? &outer->upper_infinite : &outer->lower_infinite) = 0;
    }
    fmpq_set(side > 0 ? outer->lower : outer->upper, near[0]);
    outer->lower_closed = !outer->lower_infinite;
    outer->upper_closed = !outer->upper_infinite;
    caustic_interval_set(inner, outer);
    fmpq_set(side > 0 ? inner->lower : inner->upper, near[1]);
    if (found && !(side > 0 ? outer->upper_infinite : outer->lower_infinite))
        fmpq_set(side > 0 ? inner->upper : inner->lower, far[0]);
    found = found && (inner->lower_infinite || inner->upper_infinite || fmpq_cmp(inner->lower, inner->upper) < 0);
    if (tape != NULL)
        caustic_tape_free(tape);
    fmpq_clear(near[0]);
    fmpq_clear(near[1]);
    fmpq_clear(far[0]);
    fmpq_clear(far[1]);
    return found;
}

/* The minimiser of a record lies inside: its first coordinate's bounds. */
static int
lies_inside(const json_t * shock, const caustic_interval_t inner)
{
    const json_t * at = json_array_get(json_object_get(shock, "at"), 0);
    arb_t x;
    int inside;

    arb_init(x);
    inside = at != NULL && arb_set_str(x, text_of(at, "lower"), END_PRECISION) == 0 && caustic_interval_contains_arb(inner, x) == T_TRUE
        && arb_set_str(x, text_of(at, "upper"), END_PRECISION) == 0 && caustic_interval_contains_arb(inner, x) == T_TRUE;
    arb_clear(x);
    return inside;
}

static json_t *
shock_on(const caustic_case_t problem, const caustic_leaf_chart * chart, caustic_expr loss, const caustic_interval_t box, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    chart_struct leaf;
    caustic_interval_struct side = *box; /* only read */
    json_t * shock;

    chart_init(&leaf, problem, setting->parameter + chart->parameter, setting->parameter_domain + chart->parameter, &chart->cometric, loss);
    leaf.problem.shock.box = &side;
    shock = json_shock_of_chart(&leaf, options);
    chart_clear(&leaf);
    return shock;
}

/* T* of the box lies between that of a larger and that of a smaller one. */
static void
join_times(json_t * shock, const json_t * smaller, slong digits)
{
    /* A time that is not proved of the smaller box bounds nothing. */
    const int is_proved = strcmp(text_of(smaller, "verdict"), "PROVED") == 0;
    const json_t * upper = is_proved ? json_object_get(json_object_get(smaller, "time"), "upper") : NULL;
    json_t * time = json_object_get(shock, "time");
    arb_t low, high;

    arb_init(low);
    arb_init(high);
    json_object_del(shock, "at");
    json_object_del(shock, "attained");
    json_object_del(shock, "minimisers");
    if (time != NULL && upper != NULL && arb_set_str(low, text_of(time, "lower"), END_PRECISION) == 0
        && arb_set_str(high, json_string_value(upper), END_PRECISION) == 0)
    {
        arb_union(low, low, high, END_PRECISION);
        json_set_bounds(time, low, digits);
        json_object_set_new(time, "ball", json_ball(low, digits));
    }
    if (time == NULL || upper == NULL || arb_rel_accuracy_bits(low) < (slong) (3.33 * (double) (digits - 1)))
        json_object_set_new(shock, "verdict", json_verdict(CAUSTIC_UNDECIDED));
    json_object_set_new(shock, "detail", json_string("the place is at an end of the box, which lies between fractions; T* of the box lies between those of a larger and of a smaller one"));
    arb_clear(low);
    arb_clear(high);
}

/* [AUDIT-17] On the box of the case, whose ends in v are not rational: on a box around it, where T* is no later; the same if the minimiser lies inside. */
static json_t *
json_leaf_shock(const caustic_case_t problem, const caustic_leaf_chart * chart, caustic_expr loss, const caustic_run_options * options)
{
    slong digits = options->digits > 0 ? options->digits : problem->shock.digits;
    caustic_interval_t outer, inner;
    json_t * shock = NULL, * smaller;

    caustic_interval_init(outer);
    caustic_interval_init(inner);
    if (loss != CAUSTIC_NONE && asks_for_shock(problem) && boxes_in_chart(outer, inner, chart, problem, 8 * digits + 64))
    {
        shock = shock_on(problem, chart, loss, outer, options);
        if (shock != NULL && strcmp(text_of(shock, "verdict"), "PROVED") == 0 && json_is_true(json_object_get(shock, "shock")) && !lies_inside(shock, inner))
        {
            smaller = shock_on(problem, chart, loss, inner, options);
            join_times(shock, smaller, digits);
            json_decref(smaller);
        }
    }
    caustic_interval_clear(outer);
    caustic_interval_clear(inner);
    return shock;
}

/* Where characteristics focus ****************************************************************/

/* b^2 - 4 a e of a polynomial a z^2 + b z + e with a number a > 0; CAUSTIC_NONE for anything else. It is positive exactly where the
   polynomial is negative somewhere on the line. */
static caustic_expr
discriminant(caustic_expr polynomial, const caustic_setting_struct * setting, gr_ctx_t ctx)
{
    caustic_pool * pool = setting->pool;
    caustic_expr z = setting->coordinate[0], zero = caustic_integer(pool, 0), result = CAUSTIC_NONE;
    caustic_expr slope = caustic_derivative(pool, polynomial, z), second = caustic_derivative(pool, slope, z);
    gr_ptr x;
    fmpq_t a;

    GR_TMP_INIT(x, ctx);
    fmpq_init(a);
    /* a = second/2, b = slope(0), e = polynomial(0) */
    if (caustic_field_set_expr(x, second, ctx) == GR_SUCCESS && caustic_field_get_fmpq(a, x, ctx) == T_TRUE && fmpq_sgn(a) > 0)
    {
        caustic_expr b = caustic_substitute(pool, slope, &z, &zero, 1), e = caustic_substitute(pool, polynomial, &z, &zero, 1);

        fmpq_mul_si(a, a, 2);
        if (b != CAUSTIC_NONE && e != CAUSTIC_NONE && caustic_field_set_expr(x, caustic_sub(pool, caustic_power_si(pool, b, 2),
                caustic_mul(pool, caustic_number(pool, a), e)), ctx) == GR_SUCCESS)
            result = caustic_field_get_expr(x, ctx);
    }
    fmpq_clear(a);
    GR_TMP_CLEAR(x, ctx);
    return result;
}

/* In one dimension h = K l'' + K' l'/2 is the rate at which characteristics from z approach; they focus where it is negative. K h, and so
   the sign of h, is often a polynomial where K is a root. CAUSTIC_NONE where it is beyond the field. The threshold: what is positive
   exactly where they focus somewhere on the whole line. */
static caustic_expr
focusing(caustic_expr * threshold, const caustic_setting_struct * setting, caustic_expr cometric, caustic_expr loss, const caustic_expr * charge, slong charges)
{
    caustic_pool * pool = setting->pool;
    caustic_expr z = setting->coordinate[0], slope = caustic_derivative(pool, loss, z), rate, result = CAUSTIC_NONE;
    caustic_expr * symbols = flint_malloc((size_t) (charges + 1) * sizeof(caustic_expr));
    caustic_interval_struct * domains = flint_malloc((size_t) (charges + 1) * sizeof(caustic_interval_struct));
    gr_ctx_t ctx;
    gr_ptr value;

    for (slong i = 0; i <= charges; i++)
    {
        caustic_interval_init(domains + i);
        symbols[i] = i == 0 ? z : charge[i - 1];
    }
    caustic_interval_set(domains, setting->coordinate_domain);
    caustic_field_ctx_init(ctx, pool, symbols, domains, charges + 1);
    GR_TMP_INIT(value, ctx);
    rate = caustic_add(pool, caustic_mul(pool, cometric, caustic_derivative(pool, slope, z)),
        caustic_div(pool, caustic_mul(pool, caustic_derivative(pool, cometric, z), slope), caustic_integer(pool, 2)));
    if (caustic_field_set_expr(value, caustic_mul(pool, cometric, rate), ctx) == GR_SUCCESS)
        result = caustic_field_get_expr(value, ctx);
    *threshold = result != CAUSTIC_NONE && caustic_expr_depends(pool, result, z) ? discriminant(result, setting, ctx) : CAUSTIC_NONE;
    GR_TMP_CLEAR(value, ctx);
    gr_ctx_clear(ctx);
    for (slong i = 0; i <= charges; i++)
        caustic_interval_clear(domains + i);
    flint_free(domains);
    flint_free(symbols);
    return result;
}

/* Entries ************************************************************************************/

static json_t *
json_geometry(const char * name, const caustic_case_t problem, const caustic_expr * cometric, caustic_expr loss,
    const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    slong d = setting->coordinates;
    json_t * object = json_object();
    json_t * shock;

    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "cometric", json_expr_matrix(setting->pool, cometric, d, d));
    json_object_set_new(object, "equations", json_inviscid(setting->pool, setting->coordinate, d, cometric));
    shock = json_chart_shock(problem, cometric, loss, options);
    if (shock != NULL)
        json_object_set_new(object, "shock", shock);
    return object;
}

/* The values of leaf `which`, one for each charge; 0 if the case gives another number of them. */
static int
values_of_leaf(caustic_expr * values, const caustic_audit_block * block, slong which, slong charges)
{
    slong begin = 0;

    for (slong leaf = 0; leaf < which; leaf++)
        begin += FLINT_MAX(block->length[leaf], 1);
    for (slong i = 0; i < charges; i++)
        values[i] = block->value[begin + (block->length[which] == 0 ? 0 : i)];
    return block->length[which] == 0 || block->length[which] == charges;
}

static json_t *
json_leaf(const caustic_case_t problem, const caustic_audit_t audit, slong which, caustic_expr loss, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates, m = audit->charges;
    caustic_expr * values = flint_malloc((size_t) FLINT_MAX(m, 1) * sizeof(caustic_expr));
    caustic_expr * cometric = flint_malloc((size_t) FLINT_MAX(d * d, 1) * sizeof(caustic_expr));
    json_t * object;
    int fits = values_of_leaf(values, &problem->audit, which, m), defined = 1;

    for (slong i = 0; i < d * d && fits; i++)
    {
        cometric[i] = caustic_substitute(pool, audit->leaf_cometric[i], audit->charge_symbol, values, m);
        defined = defined && cometric[i] != CAUSTIC_NONE;
    }
    if (fits && defined)
    {
        object = json_geometry("leaf", problem, cometric, loss, options);
        json_object_set_new(object, "charges", json_expr_vector(pool, values, m));
    }
    else
    {
        caustic_text_t detail;

        caustic_text_init(detail);
        if (fits)
            caustic_text_append(detail, "K_c is not defined for these values of the charges");
        else
            caustic_text_printf(detail, "audit.charges has %ld values for this leaf, and there are %ld charges",
                (long) problem->audit.length[which], (long) m);
        object = json_pack("{s:s, s:s}", "name", "leaf", "detail", detail->data);
        caustic_text_clear(detail);
    }
    flint_free(values);
    flint_free(cometric);
    return object;
}

/* Where K_c is implicit: the leaf in the coordinate v, one of the parameters. */
static json_t *
json_implicit_leaf(const caustic_case_t problem, const caustic_audit_t audit, slong which, caustic_expr loss, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr * values = flint_malloc((size_t) FLINT_MAX(audit->charges, 1) * sizeof(caustic_expr)), v, on_leaf = CAUSTIC_NONE;
    json_t * object = json_pack("{s:s}", "name", "leaf"), * shock;
    caustic_leaf_chart chart;

    if (!values_of_leaf(values, &problem->audit, which, audit->charges) || !caustic_audit_leaf_chart(&chart, audit, setting, values))
        json_object_set_new(object, "detail", json_string("K_c is implicit, and a chart of the leaf is known for fractions as charges, one for each, and monomials with positive exponents"));
    else
    {
        v = setting->parameter[chart.parameter];
        if (loss != CAUSTIC_NONE)
            on_leaf = caustic_substitute(pool, loss, setting->coordinate, &chart.z, 1);
        json_object_set_new(object, "charges", json_expr_vector(pool, values, audit->charges));
        json_object_set_new(object, "coordinate", json_string(caustic_expr_name(pool, v)));
        json_object_set_new(object, "z_of_coordinate", json_expr(pool, chart.z));
        json_object_set_new(object, "cometric", json_expr_matrix(pool, &chart.cometric, 1, 1));
        json_object_set_new(object, "equations", json_inviscid(pool, &v, 1, &chart.cometric));
        shock = json_leaf_shock(problem, &chart, on_leaf, options);
        if (shock != NULL)
            json_object_set_new(object, "shock", shock);
    }
    flint_free(values);
    return object;
}

/* The quotient's geometry, and training's: K where the drift projects, else K_c on the leaves that the case asks for. */
json_t *
json_geometries(const caustic_case_t problem, const caustic_reduction_t reduction, const caustic_audit_t audit,
    const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    json_t * array = json_array();

    if (!reduction->derived || !reduction->written_out || setting->copies > 1 || setting->spheres > 0)
        return array;
    json_array_append_new(array, json_geometry("quotient", problem, reduction->cometric_expr, reduction->loss, options));
    if (audit->cometric != NULL)
        json_array_append_new(array, json_geometry("training", problem, audit->cometric, reduction->loss, options));
    else if (audit->leaf_cometric != NULL)
        for (slong leaf = 0; leaf < problem->audit.leaves; leaf++)
            json_array_append_new(array, json_leaf(problem, audit, leaf, reduction->loss, options));
    else if (audit->implicit.unknowns == 1)
        for (slong leaf = 0; leaf < problem->audit.leaves; leaf++)
            json_array_append_new(array, json_implicit_leaf(problem, audit, leaf, reduction->loss, options));

    if (audit->leaf_cometric != NULL && setting->coordinates == 1 && reduction->loss != CAUSTIC_NONE)
    {
        caustic_expr threshold, sign = focusing(&threshold, setting, audit->leaf_cometric[0], reduction->loss, audit->charge_symbol, audit->charges);

        if (sign != CAUSTIC_NONE)
        {
            json_t * object = json_pack("{s:s, s:o}", "name", "leaves", "focusing", json_expr(setting->pool, sign));

            if (threshold != CAUSTIC_NONE)
                json_object_set_new(object, "threshold", json_expr(setting->pool, threshold));
            json_array_append_new(array, object);
        }
    }
    return array;
}
