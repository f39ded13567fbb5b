/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <caustic/audit.h>
#include <caustic/equations.h>
#include "report_internal.h"

json_t *
json_fmpq(const fmpq_t x)
{
    char * text = fmpq_get_str(NULL, 10, x);
    json_t * string = json_string(text);

    flint_free(text);
    return string;
}

/* {"a": "1", "w": "2"} */
static json_t *
json_point(const fmpq * point, const caustic_setting_struct * setting)
{
    json_t * object = json_object();

    for (slong a = 0; a < setting->parameters; a++)
        json_object_set_new(object, caustic_expr_name(setting->pool, setting->parameter[a]), json_fmpq(point + a));
    return object;
}

/* Two points with the same invariants and the values of F_0 there; or a point, a direction and the rate. */
static json_t *
json_witness(const caustic_audit_witness * witness, const caustic_setting_struct * whole)
{
    const caustic_setting_struct * setting = witness->setting != NULL ? witness->setting : whole;
    json_t * object = json_object();
    json_t * points = json_array();
    json_t * values = json_array();

    json_object_set_new(object, "entry", json_pack("[i, i]", (int) witness->i + 1, (int) witness->j + 1));
    json_array_append_new(points, json_point(witness->point, setting));
    json_array_append_new(values, json_fmpq(witness->value));
    if (witness->present == 1)
    {
        json_array_append_new(points, json_point(witness->other, setting));
        json_array_append_new(values, json_fmpq(witness->other_value));
    }
    else
    {
        json_object_set_new(object, "direction", json_point(witness->other, setting));
        json_object_set_new(object, "rate", json_fmpq(witness->other_value));
    }
    json_object_set_new(object, "points", points);
    json_object_set_new(object, "values", values);
    return object;
}

/* {"unknowns": ["x"], "squares": {"w1": "x", "w2": "c1 + x", ...}, "equations": ["x*(c1 + x)*... = z^2"], "cometric"} */
static json_t *
json_implicit(const caustic_audit_t audit, const caustic_setting_struct * setting)
{
    const caustic_audit_implicit * leaf = &audit->implicit;
    json_t * object = json_object();
    json_t * squares = json_object();
    json_t * equations = json_array();
    caustic_text_t text;

    caustic_text_init(text);
    for (slong b = 0; b < leaf->parameters; b++)
        json_object_set_new(squares, caustic_expr_name(setting->pool, setting->parameter[b]), json_expr(setting->pool, leaf->square[b]));
    for (slong i = 0; i < leaf->equations; i++)
    {
        caustic_text_reset(text);
        caustic_expr_print(text, setting->pool, leaf->left[i]);
        caustic_text_append(text, " = ");
        caustic_expr_print(text, setting->pool, leaf->right[i]);
        json_array_append_new(equations, json_string(text->data));
    }
    caustic_text_clear(text);
    json_object_set_new(object, "unknowns", json_expr_vector(setting->pool, leaf->unknown, leaf->unknowns));
    json_object_set_new(object, "squares", squares);
    json_object_set_new(object, "equations", equations);
    json_object_set_new(object, "cometric", json_expr_matrix(setting->pool, leaf->cometric, leaf->equations, leaf->equations));
    return object;
}

/* The d x d matrix of the coordinates, and the multiples of the round cometrics of spheres that are factors. */
static void
set_cometric(json_t * record, const char * key, const char * spheres, const caustic_expr * entries, const caustic_setting_struct * setting)
{
    slong d = setting->coordinates, size = d + setting->spheres;
    caustic_expr * block, * factors;

    if (entries == NULL)
        return;
    block = flint_malloc((size_t) FLINT_MAX(d * d, 1) * sizeof(caustic_expr));
    factors = flint_malloc((size_t) FLINT_MAX(size - d, 1) * sizeof(caustic_expr));
    for (slong i = 0; i < d * d; i++)
        block[i] = entries[i / d * size + i % d];
    for (slong i = d; i < size; i++)
        factors[i - d] = entries[i * size + i];
    json_object_set_new(record, key, json_expr_matrix(setting->pool, block, d, d));
    if (size > d)
        json_object_set_new(record, spheres, json_expr_vector(setting->pool, factors, size - d));
    flint_free(block);
    flint_free(factors);
}

static void
set_expectation(json_t * record, const caustic_audit_t audit, const caustic_case_t problem)
{
    if (problem->audit_expect == 0)
        return;
    json_object_set_new(record, "expected", json_string(caustic_audit_verdict_name((caustic_audit_verdict) problem->audit_expect)));
    json_object_set_new(record, "as_expected", json_boolean(problem->audit_expect == (int) audit->verdict));
}

json_t *
caustic_report_audit(const caustic_case_t problem, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    slong d = setting->coordinates;
    json_t * record = record_new(problem);
    json_t * geometries;
    caustic_reduction_t reduction;
    caustic_audit_t audit;

    caustic_reduction_init(reduction, setting);
    caustic_audit_init(audit, reduction, problem->optimiser_metric);

    json_object_set_new(record, "checks", json_checks(audit->checks));
    if (audit->conserved >= 0)
        json_object_set_new(record, "conserved", json_integer(audit->conserved));
    json_object_set_new(record, "charges", json_expr_vector(setting->pool, audit->charge, audit->charges));
    json_object_set_new(record, "charge_values", json_expr_vector(setting->pool, audit->charge_symbol, audit->charges));
    set_cometric(record, "cometric", "sphere_factors", audit->cometric, setting);
    set_cometric(record, "leaf_cometric", "leaf_sphere_factors", audit->leaf_cometric, setting);
    if (audit->implicit.unknowns > 0)
        json_object_set_new(record, "leaf_implicit", json_implicit(audit, setting));
    if ((audit->leaf_cometric != NULL || audit->cometric != NULL) && setting->spheres == 0)
        json_object_set_new(record, "equations",
            json_inviscid(setting->pool, setting->coordinate, d, audit->leaf_cometric != NULL ? audit->leaf_cometric : audit->cometric));
    geometries = json_geometries(problem, reduction, audit, options);
    json_object_set_new(record, "chain", json_chain(reduction, audit, geometries));
    json_object_set_new(record, "geometries", geometries);
    if (audit->isotropic_cometric != NULL)
        json_object_set_new(record, "isotropic_leaf_cometric", json_expr_matrix(setting->pool, audit->isotropic_cometric, d, d));
    /* Two points are easier to check than a point and a direction. */
    if (audit->mirror.present)
        json_object_set_new(record, "witness", json_witness(&audit->mirror, setting));
    if (audit->witness.present)
        json_object_set_new(record, audit->mirror.present ? "tangent_witness" : "witness", json_witness(&audit->witness, setting));
    json_object_set_new(record, "verdict", json_string(caustic_audit_verdict_name(audit->verdict)));
    set_expectation(record, audit, problem);

    caustic_audit_clear(audit);
    caustic_reduction_clear(reduction);
    return record;
}
