/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/heat.h>
#include "report_internal.h"

/* Adds the claims about the reduction to the checks: cometric and drift entry by entry, equations
   up to a factor without zeros. */

/* What is claimed on a domain has to be defined on it: x/x is not 1 on the line. */
static caustic_verdict
verdict_of_domain(caustic_text_t detail, truth_t defined, const char * why)
{
    if (defined == T_TRUE)
        return CAUSTIC_PROVED;

    caustic_text_printf(detail, defined == T_FALSE ? "it is not defined on the whole domain: %s"
        : "it is equal to the derived one where it is defined; %s", why);
    return defined == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
}

/* punctured: zeros of denominators may be what a stratum leaves out. */
static void
check_entries(caustic_checks_t checks, const char * name, const caustic_expr * claimed, const caustic_expr * derived,
    slong rows, slong columns, int punctured, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    caustic_witness_t witness;
    caustic_verdict verdict = CAUSTIC_PROVED;
    caustic_text_t detail;
    gr_ptr x;

    GR_TMP_INIT(x, ctx);
    caustic_witness_init(witness, caustic_field_symbols(ctx));
    caustic_text_init(detail);

    for (slong i = 0; i < rows * columns && verdict != CAUSTIC_REFUTED; i++)
    {
        int status = caustic_field_set_expr(x, caustic_sub(pool, claimed[i], derived[i]), ctx);
        truth_t zero = (status == GR_SUCCESS) ? caustic_field_is_zero(x, witness, ctx) : T_UNKNOWN;

        if (zero == T_TRUE)
        {
            caustic_text_t why;
            caustic_verdict domain;
            truth_t defined;

            caustic_text_init(why);
            defined = caustic_field_is_smooth(why, claimed[i], NULL, 0, punctured, ctx);
            if (defined == T_UNKNOWN && punctured)
                defined = T_TRUE;
            if (defined != T_TRUE)
                caustic_text_reset(detail);
            domain = verdict_of_domain(detail, defined, why->data);
            verdict = (domain == CAUSTIC_PROVED) ? verdict : domain;
            caustic_text_clear(why);
            continue;
        }

        verdict = (zero == T_FALSE) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        caustic_text_reset(detail);
        caustic_text_printf(detail, "entry (%ld, %ld): claimed minus derived at ", (long) (i / columns) + 1, (long) (i % columns) + 1);
        if (zero == T_FALSE)
            caustic_witness_print(detail, witness, ctx);
        else
            caustic_text_append(detail, "was neither reduced to 0 nor found non-zero");
    }

    if (verdict == CAUSTIC_PROVED)
        caustic_text_append(detail, "equal to the derived one");

    caustic_checks_add(checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
    caustic_witness_clear(witness);
    GR_TMP_CLEAR(x, ctx);
}

static void
check_claimed_equation(caustic_checks_t checks, const char * name, const caustic_equations_t equations,
    const caustic_setting_t setting, const caustic_equation * claimed, const caustic_equation * derived, caustic_expr pivot)
{
    caustic_text_t detail, why;
    caustic_verdict verdict;

    caustic_text_init(detail);
    caustic_text_init(why);
    verdict = caustic_equations_compare(detail, equations, setting->coordinate_domain, claimed, derived, pivot);

    if (verdict == CAUSTIC_PROVED)
    {
        int punctured = setting->strata > 0;
        truth_t defined = caustic_equations_is_defined(why, equations, setting->coordinate_domain, claimed, derived, punctured);

        if (defined == T_UNKNOWN && punctured)
            defined = T_TRUE;
        if (defined != T_TRUE)
            caustic_text_reset(detail);
        verdict = verdict_of_domain(detail, defined, why->data);
    }

    caustic_checks_add(checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
    caustic_text_clear(why);
}

/* Our own two forms of one equation. */
static void
check_equation(caustic_checks_t checks, const char * name, const caustic_equations_t equations,
    const caustic_setting_t setting, const caustic_equation * claimed, const caustic_equation * derived, caustic_expr pivot)
{
    caustic_text_t detail;
    caustic_verdict verdict;

    caustic_text_init(detail);
    verdict = caustic_equations_compare(detail, equations, setting->coordinate_domain, claimed, derived, pivot);
    caustic_checks_add(checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
}

static void
check_claims(caustic_checks_t checks, const caustic_case_t problem, caustic_reduction_t reduction,
    const caustic_equations_t equations)
{
    const caustic_claims_block * claims = &problem->claims;
    slong d = problem->setting->coordinates;
    int punctured = problem->setting->strata > 0;

    if (claims->cometric != NULL)
        check_entries(checks, "claim_cometric", claims->cometric, reduction->cometric_expr, d, d, punctured, reduction->downstairs);

    if (claims->drift != NULL)
        check_entries(checks, "claim_drift", claims->drift, reduction->drift_expr, d, 1, punctured, reduction->downstairs);

    if (claims->hamilton_jacobi)
    {
        caustic_equation claimed = {claims->hamilton_jacobi_left, claims->hamilton_jacobi_right};

        check_claimed_equation(checks, "claim_hamilton_jacobi", equations, problem->setting, &claimed,
            &equations->hamilton_jacobi, caustic_equations_symbol(equations, "u", NULL, 0, 1));
    }

    for (slong k = 0; k < claims->burgers; k++)
    {
        caustic_equation claimed = {claims->burgers_left[k], claims->burgers_right[k]};

        check_claimed_equation(checks, "claim_burgers", equations, problem->setting, &claimed, equations->burgers + k,
            caustic_equations_symbol(equations, "v", &k, 1, 1));
    }
}

/* The covariant form is an identity of Bochner and Weitzenboeck: proved here for this quotient. */
static void
check_covariant(caustic_checks_t checks, const caustic_case_t problem, const caustic_equations_t equations)
{
    if (!equations->has_covariant)
        return;

    for (slong k = 0; k < equations->dimension; k++)
        check_equation(checks, "covariant_burgers", equations, problem->setting, equations->burgers_covariant + k,
            equations->burgers + k, caustic_equations_symbol(equations, "v", &k, 1, 1));
}

/* A one-dimensional quotient in its flat coordinate: found where it is elementary, or as the case
   gives it, and then each statement about it is a check. */
static void
set_normal_form(json_t * record, caustic_reduction_t reduction, const caustic_case_t problem)
{
    const caustic_setting_struct * setting = problem->setting;
    int given = problem->normal_form_maps == 1 && strcmp(problem->normal_form_kind, "euclidean") == 0;
    caustic_flattening_t flat;

    if (setting->coordinates != 1 || (problem->normal_form_kind != NULL && !given))
        return;

    caustic_flattening_init(flat);

    if (caustic_flatten(flat, setting->pool, setting->coordinate[0], setting->coordinate_domain,
            reduction->cometric_expr[0], reduction->drift_expr[0],
            given ? problem->normal_form_map[0] : CAUSTIC_NONE) == CAUSTIC_OK
        && caustic_checks_verdict(flat->checks) == CAUSTIC_PROVED)
    {
        json_t * object = json_object();

        json_object_set_new(object, "kind", json_string("euclidean"));
        json_object_set_new(object, "map", json_expr_vector(setting->pool, &flat->map, 1));
        json_object_set_new(record, "normal_form", object);
    }

    for (slong i = 0; given && i < flat->checks->length; i++)
    {
        const caustic_check_struct * check = flat->checks->entries + i;

        caustic_checks_add(reduction->checks, "normal_form", check->verdict, "%s: %s", check->name, check->detail);
    }

    caustic_flattening_clear(flat);
}

typedef void (* equation_writer)(caustic_text_t, const caustic_pool *, const caustic_equation *);

static json_t *
json_equation(const caustic_pool * pool, const caustic_equation * equation, equation_writer write)
{
    caustic_text_t text;
    json_t * string;

    caustic_text_init(text);
    write(text, pool, equation);
    string = json_string(text->data);
    caustic_text_clear(text);
    return string;
}

static json_t *
json_equations(const caustic_equations_t equations, const caustic_equation * list, equation_writer write)
{
    json_t * array = json_array();

    for (slong k = 0; k < equations->dimension; k++)
        json_array_append_new(array, json_equation(equations->pool, list + k, write));

    return array;
}

static void
set_equations(json_t * record, const caustic_equations_t equations)
{
    const caustic_pool * pool = equations->pool;
    json_t * text = json_object();
    json_t * latex = json_object();

    json_object_set_new(text, "hamilton_jacobi", json_equation(pool, &equations->hamilton_jacobi, caustic_equation_print));
    json_object_set_new(text, "heat", json_equation(pool, &equations->heat, caustic_equation_print));
    json_object_set_new(text, "burgers", json_equations(equations, equations->burgers, caustic_equation_print));
    if (equations->has_covariant)
        json_object_set_new(text, "burgers_covariant",
            json_string("v_k_t + v^j D_j v_k = nu (D^j D_j v_k + W^j D_j v_k - R_kj v^j + (D_k W_j) v^j)"));
    json_object_set_new(record, "equations", text);

    json_object_set_new(latex, "hamilton_jacobi", json_equation(pool, &equations->hamilton_jacobi, caustic_equation_latex));
    json_object_set_new(latex, "burgers", json_equations(equations, equations->burgers, caustic_equation_latex));
    json_object_set_new(record, "latex", latex);
}

static json_t *
json_field_matrix(const gr_mat_t matrix, gr_ctx_t ctx)
{
    json_t * rows = json_array();

    for (slong i = 0; i < matrix->r; i++)
    {
        json_t * row = json_array();

        for (slong j = 0; j < matrix->c; j++)
            json_array_append_new(row, json_expr(caustic_field_pool(ctx),
                caustic_field_get_expr(gr_mat_entry_srcptr(matrix, i, j, ctx), ctx)));
        json_array_append_new(rows, row);
    }

    return rows;
}

static json_t *
json_truth(truth_t truth)
{
    return truth == T_UNKNOWN ? json_null() : json_boolean(truth == T_TRUE);
}

/* The first column as a list, the first entry alone. */
static json_t *
json_field_vector(const gr_mat_t matrix, gr_ctx_t ctx)
{
    json_t * list = json_array();

    for (slong i = 0; i < matrix->r; i++)
        json_array_append_new(list, json_expr(caustic_field_pool(ctx),
            caustic_field_get_expr(gr_mat_entry_srcptr(matrix, i, 0, ctx), ctx)));

    return list;
}

static void
set_geometry(json_t * record, caustic_reduction_t reduction, const caustic_geometry_t geometry)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->downstairs;
    slong d = setting->coordinates;

    json_object_set_new(record, "cometric", json_expr_matrix(setting->pool, reduction->cometric_expr, d, d));
    json_object_set_new(record, "drift", json_expr_vector(setting->pool, reduction->drift_expr, d));

    if (geometry->status != GR_SUCCESS)
        return;

    json_object_set_new(record, "metric", json_field_matrix(geometry->metric, ctx));
    json_object_set_new(record, "weight_gradient", json_field_vector(geometry->weight, ctx));
    json_object_set_new(record, "weight_closed", json_truth(geometry->weight_closed));
    json_object_set_new(record, "ricci", json_field_matrix(geometry->ricci, ctx));
    json_object_set_new(record, "scalar_curvature", json_expr(setting->pool,
        caustic_field_get_expr(gr_mat_entry_srcptr(geometry->scalar, 0, 0, ctx), ctx)));
    json_object_set_new(record, "flat", json_truth(geometry->flat));
}

json_t *
caustic_report_derive(const caustic_case_t problem, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    json_t * record = record_new(problem);
    json_t * dimension = json_object();
    json_t * coordinates = json_array();
    json_t * assumptions = json_array();
    caustic_reduction_t reduction;

    (void) options;
    caustic_reduction_init(reduction, setting);

    json_object_set_new(dimension, "parameters", json_integer(setting->parameters));
    json_object_set_new(dimension, "group", json_integer(setting->generators));
    json_object_set_new(dimension, "quotient", json_integer(setting->coordinates));
    json_object_set_new(record, "dimension", dimension);

    for (slong i = 0; i < setting->coordinates; i++)
        json_array_append_new(coordinates, json_string(caustic_expr_name(setting->pool, setting->coordinate[i])));
    json_object_set_new(record, "coordinates", coordinates);

    for (slong i = 0; i < reduction->assumptions_length; i++)
        json_array_append_new(assumptions, json_string(reduction->assumptions[i]));

    if (reduction->derived)
    {
        caustic_geometry_t geometry;
        caustic_equations_t equations;

        caustic_geometry_init(geometry, reduction->cometric, reduction->drift, reduction->downstairs);
        caustic_equations_init(equations, setting->pool, setting->coordinate, setting->coordinates,
            reduction->cometric_expr, reduction->drift_expr, geometry);
        check_covariant(reduction->checks, problem, equations);
        set_normal_form(record, reduction, problem);
        check_claims(reduction->checks, problem, reduction, equations);

        json_object_set_new(record, "checks", json_checks(reduction->checks));
        json_object_set_new(record, "assumptions", assumptions);
        set_geometry(record, reduction, geometry);
        if (reduction->loss != CAUSTIC_NONE)
            json_object_set_new(record, "loss", json_expr(setting->pool, reduction->loss));
        set_equations(record, equations);

        caustic_equations_clear(equations);
        caustic_geometry_clear(geometry);
    }
    else
    {
        if (problem->claims.cometric != NULL || problem->claims.drift != NULL
            || problem->claims.hamilton_jacobi || problem->claims.burgers > 0)
            caustic_checks_add(reduction->checks, "claims", CAUSTIC_UNDECIDED,
                "nothing was derived that the claims could be compared with");

        json_object_set_new(record, "checks", json_checks(reduction->checks));
        json_object_set_new(record, "assumptions", assumptions);
    }

    record_conclude(record, caustic_checks_verdict(reduction->checks), problem, CAUSTIC_COMMAND_DERIVE);
    caustic_reduction_clear(reduction);
    return record;
}
